import { proxyContract } from './proxy-contract.ts'

// hitch and Varnish could speak HTTP/2; WebSockets through Varnish need HTTP/1.1.
proxyContract('varnish', { noHttp2: true })
