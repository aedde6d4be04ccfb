import { proxyContract } from './proxy-contract.ts'

proxyContract('apache')
