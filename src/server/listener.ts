// Where a request goes, decided before Express: to a gate endpoint by its exact path, nowhere when it only looks like one, else to the portal.
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { inTurn } from '../base/in-turn.ts'
import type { Logger } from '../base/log.ts'
import { ServerResponse as HttpResponse } from '../base/node-http.ts'
import type { ServerConfig } from '../config/config.ts'
import { readHeaderLines } from '../forwarded/header-lines.ts'
import { writeStatus } from '../protocol/answers.ts'
import { looksLikeEndpoint } from './gate/endpoints.ts'
import type { GateSnapshot } from './gate/snapshot.ts'
import type { GateHandler } from './gate.ts'
import { handOn, RequestClass } from './lazy-message.ts'

/** Longer than proxies keep an idle connection (nginx 60 s, Traefik 90 s), so that they never write into one that is being closed. */
const KEEP_ALIVE = 120_000
/** Browsers with cookies of many applications; Traefik passes on whatever it gets. */
const MIN_HEADER_SIZE = 65_536
/** More lines than any proxy sends (Envoy stops at 100); beyond it Node would drop some in silence. */
const MAX_HEADER_LINES = 500

/** Requests to the portal that may wait on one connection. No honest proxy sends a second one before the first is answered, and each costs 60 kB. */
const MAX_WAITING = 8

const CLOSE = ['Connection', 'close']

export interface ListenerDeps {
  current(): Pick<GateSnapshot, 'endpoints'>
  readonly gate: GateHandler
  readonly portal: (request: IncomingMessage, response: ServerResponse) => void
  readonly log: Logger
}

/** Options for `createServer` of node:http or node:https; they can't be set afterwards. Times in milliseconds, sizes in bytes. */
export function serverOptions({ buffers, timeouts }: Pick<ServerConfig, 'buffers' | 'timeouts'>): ServerOptions {
  return {
    // Authelia answers 431 beyond `buffers.read`; here it can only raise the limit.
    maxHeaderSize: Math.max(buffers.read, MIN_HEADER_SIZE),
    keepAliveTimeout: Math.max(timeouts.idle, KEEP_ALIVE),
    headersTimeout: Math.max(timeouts.read, 1000),
    // The whole body: a proxy may send all of an upload along, and drains slowly.
    requestTimeout: Math.max(timeouts.read, 60_000),
    connectionsCheckingInterval: 5000,
    insecureHTTPParser: false,
    // Checked here, so that the refusal is ours
    requireHostHeader: false,
    // A question has no body, as a rule: no stream is set up and drained for one.
    optimizeEmptyRequests: true,
    ...(RequestClass && { IncomingMessage: RequestClass }),
  }
}

/** Answers everything that arrives at `server`, which must have been made with `serverOptions` and have no listeners of its own for requests. */
export function attachListener(server: Server, { current, gate, portal, log }: ListenerDeps): void {
  server.maxHeadersCount = MAX_HEADER_LINES
  server.keepAliveTimeout = Math.max(server.keepAliveTimeout, KEEP_ALIVE)

  const waiting = new WeakMap<object, number>()
  const mayWait = ({ socket }: IncomingMessage, response: ServerResponse): boolean => {
    const before = waiting.get(socket) ?? 0
    if (before >= MAX_WAITING) return false
    waiting.set(socket, before + 1)
    response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1))
    return true
  }

  const fail = (response: ServerResponse, error: unknown): void => {
    log.error({ err: error }, 'a request could not be handed on')
    if (response.headersSent) response.destroy()
    else writeStatus(response, 500)
  }
  const take = (response: ServerResponse, toPortal: () => void): void => {
    try {
      // Whoever asked may have gone while he waited for his turn.
      if (!response.destroyed) toPortal()
    } catch (error) {
      fail(response, error)
    }
  }

  const answer = (request: IncomingMessage, response: ServerResponse, toPortal: () => void): void => {
    try {
      const { url = '', rawHeaders } = request
      const lines = readHeaderLines(rawHeaders)
      const { transferEncoding: coding } = lines
      // RFC 9112 §3.2
      const lacksHost = lines.host === undefined && request.httpVersion === '1.1'
      const endpoint = current().endpoints.find(url)
      // Node loses what came in one packet behind a wish to upgrade, and reads on in the middle of it: whoever shares the connection could be given
      // another's answer. So nothing is read on.
      if (lines.upgrade !== undefined) response.shouldKeepAlive = false
      if (rawHeaders.length >= 2 * MAX_HEADER_LINES) writeStatus(response, 431, CLOSE)
      else if (lacksHost) writeStatus(response, 400, CLOSE)
      // Node finds out only when it comes to the body, which nobody waits for here
      else if (coding !== undefined && coding.toLowerCase() !== 'chunked') writeStatus(response, 400, CLOSE)
      else if (endpoint !== undefined) gate(request, response, endpoint, lines)
      // absolute form, asterisk form: nothing that a proxy sends to a server
      else if (!url.startsWith('/')) writeStatus(response, 400)
      else if (looksLikeEndpoint(url)) writeStatus(response, 404)
      else if (lines.repeated?.includes('host')) writeStatus(response, 400)
      else if (!mayWait(request, response)) writeStatus(response, 503, CLOSE)
      else {
        handOn(request)
        inTurn(() => take(response, toPortal))
      }
    } catch (error) {
      fail(response, error)
    }
  }

  server.on('request', (request, response) => answer(request, response, () => portal(request, response)))
  // An interim answer would be taken for the answer by some proxies' gate clients; a body that the portal reads has to be called for.
  server.on('checkContinue', (request, response) =>
    answer(request, response, () => {
      response.writeContinue()
      portal(request, response)
    }),
  )
  server.on('checkExpectation', (request, response) => answer(request, response, () => portal(request, response)))
  // Envoy asks with the visitor's method, CONNECT too. There is never a tunnel: one answer, and the connection is closed.
  server.on('connect', (request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    // Sent behind a request that is not answered yet: there is no second answer on a socket, and nobody honest is that impatient.
    if ('_httpMessage' in socket && socket._httpMessage) return void socket.destroy()
    const response = new HttpResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0])
    response.on('finish', () => socket.end(() => socket.destroy()))
    answer(request, response, () => writeStatus(response, 405))
  })
  // No listener for 'upgrade': a question that carries the visitor's Upgrade is answered like any other.
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => refuseBytes(error, socket))
}

const STATUS_OF: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** What the parser refuses. Into an answer that has begun nothing is written. */
function refuseBytes(error: NodeJS.ErrnoException, socket: Duplex): void {
  const begun = '_httpMessage' in socket && (socket._httpMessage as ServerResponse | null)?.headersSent === true
  if (!socket.writable || begun || error.code === 'ECONNRESET') return void socket.destroy()
  const status = STATUS_OF[error.code ?? ''] ?? '400 Bad Request'
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n` +
      `Content-Length: ${status.length}\r\nConnection: close\r\n\r\n${status}`,
    () => socket.destroy(),
  )
}
