// What of a new configuration a running server can take over, and the keys that have to wait for its next start. Pure.
import type { Config } from './config.ts'

export interface Applicable {
  /** The new configuration, with what can't change as it is running. */
  readonly config: Config
  /** Keys whose new value counts after the next start only, as Authelia writes them. */
  readonly restart: readonly string[]
}

/** Node reads it when a server is made; below this size the configured one makes no difference (server/listener.ts). */
const MIN_HEADER_SIZE = 65_536

/** @param selfSigned `serve --self-signed`: TLS also without `server.tls` */
export function withoutRestart(running: Config, next: Config, selfSigned: boolean): Applicable {
  const restart: string[] = []
  const keep = <T>(key: string, old: T, wanted: T, isSame = JSON.stringify(old) === JSON.stringify(wanted)): T => {
    if (!isSame) restart.push(key)
    return isSame ? wanted : old
  }
  const headerSize = ({ server }: Config): number => Math.max(server.buffers.read, MIN_HEADER_SIZE)
  const overTls = ({ server }: Config): boolean => server.tls !== undefined || selfSigned
  const demandsClients = ({ server }: Config): boolean => (server.tls?.clientCertificateFiles.length ?? 0) > 0

  const address = keep('server.address', running.server.address, next.server.address)
  let tls = keep('server.tls', running.server.tls, next.server.tls, overTls(running) === overTls(next))
  if (tls === next.server.tls) {
    const isSame = demandsClients(running) === demandsClients(next)
    tls = keep('server.tls.client_certificates', running.server.tls, next.server.tls, isSame)
  }
  const buffers = keep(
    'server.buffers.read',
    running.server.buffers,
    next.server.buffers,
    headerSize(running) === headerSize(next),
  )
  const path = keep('storage.local.path', running.storage.path, next.storage.path)
  const encryptionKey = keep('storage.encryption_key', running.storage.encryptionKey, next.storage.encryptionKey)
  return {
    config: { ...next, server: { ...next.server, address, tls, buffers }, storage: { path, encryptionKey } },
    restart,
  }
}
