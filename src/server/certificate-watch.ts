// The certificate that is served, as time goes by: one of our own is made anew before it ends, and of any other it is said in the log, once a day,
// when it ends soon.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { type TlsMaterial, tellExpiry } from './tls.ts'

const DAY = 86_400_000

export interface CertificateWatch {
  /** To be called often; does something once a day, and as soon as another certificate is served. */
  look(): Promise<void>
}

export function watchCertificate(options: {
  readonly clock: Clock
  readonly log: Logger
  /** What is served; undefined: no TLS. */
  readonly served: () => TlsMaterial | undefined
  /** Makes our own anew where that is due; undefined: it isn't ours. */
  readonly ownTls: () => Promise<TlsMaterial> | undefined
  readonly serve: (tls: TlsMaterial) => void
}): CertificateWatch {
  const { clock, log, served, serve } = options
  let lookedAt = clock.now()
  let lookedFor = served()?.cert
  return {
    async look() {
      const cert = served()?.cert
      const now = clock.now()
      const isDue = now - lookedAt >= DAY || now < lookedAt || cert !== lookedFor
      if (!isDue || cert === undefined) return
      lookedAt = now
      lookedFor = cert
      try {
        const own = await options.ownTls()
        if (own !== undefined && own.cert !== served()?.cert) {
          serve(own)
          lookedFor = own.cert
          log.info({}, 'TLS: the certificate made here was about to end; a new one is served')
        }
      } catch (error) {
        log.error({ err: error }, 'TLS: the certificate made here could not be made anew; tomorrow it is tried again')
      }
      const tls = served()
      if (tls !== undefined) tellExpiry(tls, clock, log)
    },
  }
}
