// What a new installation is made from: the answers that nobody but its operator knows.
import type { ProxyName } from './proxy-name.ts'
import type { Application } from './site.ts'

export interface Answers {
  /** Absolute path of the folder to be made. */
  readonly folder: string
  /** The cookie domain. Lower case. */
  readonly domain: string
  /** At or below the domain. Lower case, no port. */
  readonly portalHost: string
  /** Never empty; all below the domain. */
  readonly applications: readonly Application[]
  /** undefined: no proxy's files are written. */
  readonly proxy: ProxyName | undefined
  readonly user: {
    readonly name: string
    readonly displayname: string
    readonly email: string | undefined
    readonly password: string
  }
  /** Every application asks for a second factor. */
  readonly secondFactor: boolean
  /** Where Latchkey listens: `127.0.0.1:9091`. */
  readonly listen: { readonly host: string; readonly port: number }
  /** Addresses and networks that the proxy asks from. */
  readonly trustedProxies: readonly string[]
  /** Where the proxy listens for https. */
  readonly port: number
}

/** `auth.example.com:8443`, without the port that https has anyway. */
export const hostWithPort = (host: string, port: number): string => (port === 443 ? host : `${host}:${port}`)
