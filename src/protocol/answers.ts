// Answers that protocols share: statuses, headers and bodies as Authelia's, but nothing may be kept by a cache.
import type { ServerResponse } from 'node:http'
import { STATUS_CODES } from '../base/node-http.ts'
import { acceptsHtml } from './accepts-html.ts'
import type { Question } from './protocol.ts'

const CHALLENGE = 'Basic realm="Authorization Required"'
const TEXT = ['Content-Type', 'text/plain; charset=utf-8', 'Cache-Control', 'no-store'] as const
const SECURITY = [
  'X-Content-Type-Options',
  'nosniff',
  'Referrer-Policy',
  'strict-origin-when-cross-origin',
  'X-Frame-Options',
  'DENY',
  'X-DNS-Prefetch-Control',
  'off',
] as const

/** `403 Forbidden`, and so on. `extra`: further headers, names and values in turn. */
export function writeStatus(response: ServerResponse, status: number, extra: readonly string[] = [], note = ''): void {
  const body = `${reasonLine(status)}${note === '' ? '' : `\n${note}\n`}`
  response.writeHead(status, [...TEXT, 'Content-Length', String(Buffer.byteLength(body)), ...extra])
  response.end(body)
}

export const writeChallenge = (response: ServerResponse, status: 401 | 407): void =>
  writeStatus(response, status, [status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate', CHALLENGE])

/** Where to sign in. A visitor who asked with HEAD gets no body. */
export function writeSignIn(response: ServerResponse, status: 302 | 303 | 401, location: string, method: string): void {
  const headers = ['Location', location, 'Cache-Control', 'no-store', ...SECURITY]
  if (method === 'HEAD') {
    response.writeHead(status, [...headers, 'Content-Length', '0'])
    response.end()
    return
  }
  const body = `<a href="${location.replace(/[&<>"']/g, escaped)}">${reasonLine(status)}</a>`
  response.writeHead(status, [
    ...headers,
    'Content-Type',
    'text/html; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(body)),
  ])
  response.end(body)
}

/** A redirect is for a browser that shows a page; a script, an upgrade or another kind of program is told 401. */
export function signInStatus({ method, lines }: Question): 302 | 303 | 401 {
  if (lines.upgrade !== undefined || lines.secWebsocketKey !== undefined) return 401
  if (lines.secFetchMode !== undefined && lines.secFetchMode !== 'navigate') return 401
  if (lines.requestedWith?.toLowerCase() === 'xmlhttprequest' || !acceptsHtml(lines.accept)) return 401
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 302 : 303
}

const reasonLine = (status: number): string => `${status} ${STATUS_CODES[status] ?? ''}`
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}
const escaped = (character: string): string => ENTITIES[character] ?? character
