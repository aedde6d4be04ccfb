import { proxyContract } from './proxy-contract.ts'

proxyContract('caddy')
