import { proxyContract } from './proxy-contract.ts'

// Traefik can remove whole headers, not one cookie out of several.
proxyContract('traefik', { passesSessionCookie: true })
