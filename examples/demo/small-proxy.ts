// A reverse proxy just large enough for the demo: terminates TLS, asks Latchkey about each request (forward-auth), passes what is allowed to the
// application. It shows what every proxy set-up must do; for real use take a real proxy (the folders beside this one).
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

export interface SmallProxyOptions {
  readonly tls: { readonly cert: string; readonly key: string }
  /** Host name (without port) that leads to the portal. */
  readonly portalHost: string
  /** Host names (without port) that lead to the application; every other one is refused. */
  readonly applicationHosts: readonly string[]
  readonly latchkeyPort: number
  readonly applicationPort: number
  /** Name of the session cookie, kept from the application. */
  readonly sessionCookie: string
}

const IDENTITY = ['remote-user', 'remote-groups', 'remote-name', 'remote-email']
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

export function createSmallProxy(options: SmallProxyOptions): Server {
  const server = createServer({ cert: options.tls.cert, key: options.tls.key })
  server.on('request', (request, response) => {
    const host = hostName(request)
    if (host === options.portalHost) return portal(options, request, response)
    if (!options.applicationHosts.includes(host)) return refuse(response, 421, 'Misdirected Request')
    ask(
      options,
      request,
      (answer) => {
        if (answer.statusCode !== 200) return relay(answer, response)
        answer.resume()
        forward(options.applicationPort, request, response, applicationHeaders(options, request, answer))
      },
      () => fail(response),
    )
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (!options.applicationHosts.includes(hostName(request))) return void socket.destroy()
    ask(
      options,
      request,
      (answer) => {
        answer.resume()
        if (answer.statusCode !== 200)
          return void socket.end(
            `HTTP/1.1 ${answer.statusCode} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
          )
        tunnel(options.applicationPort, request, socket, head, {
          ...applicationHeaders(options, request, answer),
          connection: 'Upgrade',
          upgrade: 'websocket',
        })
      },
      () => socket.destroy(),
    )
  })
  return server
}

const hostName = (request: IncomingMessage): string => (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()

/** The question: who asks for what, in headers that the visitor can't set. */
function ask(
  options: SmallProxyOptions,
  request: IncomingMessage,
  onAnswer: (answer: IncomingMessage) => void,
  onError: () => void,
): void {
  const { cookie, accept, authorization, upgrade } = request.headers
  const passed = { cookie, accept, authorization, ...(upgrade ? { upgrade, connection: 'Upgrade' } : {}) }
  const context = ['x-requested-with', 'sec-fetch-mode', 'sec-fetch-dest', 'sec-fetch-site'].map((name) => [
    name,
    request.headers[name],
  ])
  const headers = Object.fromEntries([...Object.entries(passed), ...context].filter(([, value]) => value !== undefined))
  const question = httpRequest(
    {
      port: options.latchkeyPort,
      host: '127.0.0.1',
      path: '/api/authz/forward-auth',
      headers: {
        ...headers,
        ...forwarded(request),
        'x-forwarded-method': request.method ?? 'GET',
        'x-forwarded-uri': request.url ?? '/',
      },
      timeout: 10_000,
    },
    onAnswer,
  )
  question.on('timeout', () => question.destroy(new Error('no answer')))
  question.on('error', onError)
  question.end()
}

function forwarded(request: IncomingMessage): Record<string, string> {
  return {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': request.headers.host ?? '',
    'x-forwarded-for': request.socket.remoteAddress ?? '',
  }
}

/** What the client claims about itself goes, what Latchkey says comes in its place; the session cookie stays here. */
function applicationHeaders(
  options: SmallProxyOptions,
  request: IncomingMessage,
  answer: IncomingMessage,
): IncomingHttpHeaders {
  const headers = passedHeaders(request)
  for (const name of Object.keys(headers)) if (IDENTITY.includes(name.replaceAll('_', '-'))) delete headers[name]
  for (const name of IDENTITY) if (answer.headers[name]) headers[name] = answer.headers[name]
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  headers.cookie = pairs.filter((pair) => pair !== '' && !pair.startsWith(`${options.sessionCookie}=`)).join('; ')
  if (headers.cookie === '') delete headers.cookie
  return headers
}

/** Everything but what only a proxy may say; that is said anew. */
function passedHeaders(request: IncomingMessage): IncomingHttpHeaders {
  const headers = Object.entries(withoutHopByHop(request.headers))
  const ofClient = headers.filter(([name]) => !/^x[-_](forwarded|original)[-_]/.test(name))
  return { ...Object.fromEntries(ofClient), ...forwarded(request) }
}

/** The portal, but not the gate: its endpoints are for proxies only. */
function portal(options: SmallProxyOptions, request: IncomingMessage, response: ServerResponse): void {
  if (/^\/+api\/+(authz|verify)/i.test(decode(request.url ?? '/'))) {
    refuse(response, 404, 'Not Found')
  } else {
    forward(options.latchkeyPort, request, response, passedHeaders(request))
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function forward(port: number, request: IncomingMessage, response: ServerResponse, headers: IncomingHttpHeaders): void {
  const onward = httpRequest(
    { port, host: '127.0.0.1', method: request.method, path: request.url, headers },
    (answer) => relay(answer, response),
  )
  onward.on('error', () => fail(response))
  response.on('close', () => onward.destroy())
  request.pipe(onward)
}

function relay(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers))
  answer.pipe(response)
}

function tunnel(
  port: number,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  headers: IncomingHttpHeaders,
): void {
  const onward = connect(port, '127.0.0.1', () => {
    const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((v) => `${name}: ${v}`))
    onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    onward.write(head)
    socket.pipe(onward).pipe(socket)
  })
  onward.on('error', () => socket.destroy())
  socket.on('close', () => onward.destroy())
}

function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)))
}

function fail(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy()
  refuse(response, 502, 'Bad Gateway')
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' })
  response.end(`${status} ${text}\n`)
}
