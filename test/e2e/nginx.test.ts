import { proxyContract } from './proxy-contract.ts'

proxyContract('nginx')
