import { proxyContract } from './proxy-contract.ts'

// The proxy that the demo has of its own.
proxyContract('small', { noHttp2: true })
