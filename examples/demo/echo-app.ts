// The application the demo protects: shows who Latchkey says the visitor is, and every header that arrived. Echoes WebSocket frames' bytes, too.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

/** Header values arrive as Latin-1; identities are UTF-8 bytes. */
const utf8 = (value: string | string[] | undefined): string =>
  Buffer.from(String(value ?? ''), 'latin1').toString('utf8')

export function createEchoApp(): Server {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if (request.headers.accept?.includes('application/json')) {
        response.setHeader('Content-Type', 'application/json; charset=utf-8')
        response.end(
          JSON.stringify({
            method: request.method,
            url: request.url,
            headers: request.headers,
            body: body.toString('utf8'),
          }),
        )
        return
      }
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      response.setHeader('Cache-Control', 'no-store')
      response.end(page(request))
    })
  })
  server.on('upgrade', acceptWebSocket)
  return server
}

function page(request: IncomingMessage): string {
  const user = utf8(request.headers['remote-user'])
  const name = utf8(request.headers['remote-name']) || user
  const portal = String(request.headers.host ?? '').replace(/^[^.]*/, 'auth')
  const rows = Object.entries(request.headers)
    .sort(([a], [b]) => Number(b.startsWith('remote-')) - Number(a.startsWith('remote-')) || a.localeCompare(b))
    .map(
      ([key, value]) =>
        `<tr${key.startsWith('remote-') ? ' class="identity"' : ''}><th>${escapeHtml(key)}</th><td>${escapeHtml(utf8(value))}</td></tr>`,
    )
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(String(request.headers.host))}</title><style>
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:48rem;margin:3rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%;font-size:.875rem}th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #8884;vertical-align:top;overflow-wrap:anywhere}
th{white-space:nowrap;font-weight:500}.identity th,.identity td{background:#3b82f622;font-weight:600}a{color:inherit}</style></head><body>
<h1>${user ? `Hello, <span id="name">${escapeHtml(name)}</span>` : 'Hello, whoever you are'}</h1>
<p>This is <strong>${escapeHtml(String(request.headers.host))}</strong>, an ordinary web application that knows nothing of passwords.
${user ? 'The proxy asked Latchkey who you are and put the answer into the marked headers.' : 'This host is open to everyone, so no identity is attached.'}</p>
${user ? `<p><a href="https://${escapeHtml(portal)}/logout">Sign out</a></p>` : ''}
<table>${rows.join('\n')}</table></body></html>`
}

/** Accepts a WebSocket (RFC 6455 §4.2.2) and sends one text frame with the user's name; enough to see that upgrades pass. */
function acceptWebSocket(request: IncomingMessage, socket: Duplex): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  const text = Buffer.from(`hello ${utf8(request.headers['remote-user'])}`).subarray(0, 125)
  socket.write(Buffer.concat([Buffer.of(0x81, text.length), text]))
  socket.on('error', () => socket.destroy())
}
