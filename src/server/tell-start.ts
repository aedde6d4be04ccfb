// What the log says when the server listens: where, for whom, and what is weak about it.
import type { Logger } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import type { Services } from './services.ts'

export function tellStart(config: Config, { storage }: Services, address: string, tls: boolean, log: Logger): void {
  const portals = config.session.cookies.map(({ portalUrl }) => portalUrl).filter((url) => url !== undefined)
  log.info({ address, tls, portals, rules: config.accessControl.rules.length }, 'Latchkey listens')
  if (config.server.trustedProxies === undefined) {
    log.warn(
      { key: 'server.trusted_proxies' },
      'not set: every loopback and private address may ask the gate and say who the client is',
    )
  }
  if (storage.autheliaPath !== undefined) {
    log.warn(
      { file: storage.autheliaPath, used: storage.path },
      "storage.local.path is a database of Authelia's: it is left as it is. `latchkey import authelia` brings its one-time codes over",
    )
  }
}
