// The socket server, over TLS or not, with the limits that node:http leaves open; and how it ends: what runs is finished, nothing new is taken.
import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from '../base/log.ts'
import { createHttpServer, nodeHttps } from '../base/node-http.ts'
import type { Config } from '../config/config.ts'
import { serverOptions } from './listener.ts'
import type { TlsMaterial } from './tls.ts'

/** More than the proxies in front open at once (each is one visitor's request, or idle); what comes on top is closed unread. */
export const MAX_CONNECTIONS = 8192
/** Milliseconds for a TLS handshake. */
const HANDSHAKE = 10_000
/** Milliseconds between warnings about connections turned away. */
const SELDOM = 60_000

export function makeServer({ server: settings }: Pick<Config, 'server'>, tls: TlsMaterial | undefined): Server {
  const options = serverOptions(settings)
  const server = tls
    ? nodeHttps().createServer({ ...options, ...tls, handshakeTimeout: HANDSHAKE })
    : createHttpServer(options)
  server.maxConnections = MAX_CONNECTIONS
  if (tls) server.on('tlsClientError', answerInTheClear)
  return server
}

/** For a server that listens: a failure to accept (no file descriptors left) is told and survived. */
export function tellTrouble(server: Server, log: Logger): void {
  const quietUntil = new Map<string, number>()
  const seldom = (fields: object, message: string): void => {
    const now = performance.now()
    if (now < (quietUntil.get(message) ?? 0)) return
    quietUntil.set(message, now + SELDOM)
    log.warn(fields, message)
  }
  server.on('error', (error) => seldom({ err: error }, 'a connection could not be accepted'))
  server.on('drop', () => seldom({ limit: server.maxConnections }, 'connections are turned away: there are too many'))
}

const BODY = 'This port speaks HTTPS only.\n'

/** Somebody speaks HTTP to the TLS port. `_parent` is the TCP socket below; where there is none any more, the connection just ends. */
function answerInTheClear(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code !== 'ERR_SSL_HTTP_REQUEST') return
  const below = (socket as { _parent?: Duplex })._parent
  if (!below?.writable) return
  below.on('error', () => below.destroy())
  below.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`,
    () => below.destroy(),
  )
}

/**
 * Refuses new connections, lets requests that run be answered, then closes; connections that are idle, or become so, are closed at once.
 * @param grace milliseconds after which whatever still runs is cut off
 */
export async function closeServer(server: Server, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const limit = setTimeout(() => server.closeAllConnections(), grace)
  await closed
  clearInterval(sweep)
  clearTimeout(limit)
}
