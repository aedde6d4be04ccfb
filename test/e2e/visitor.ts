// Somebody who comes to a proxy over TLS: HTTP/1.1, HTTP/2, WebSocket. Nothing is followed, cookies are the caller's business; names need no DNS.
import { connect as connectHttp2 } from 'node:http2'
import { request } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}
export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string
}
export interface Visitor {
  fetch(host: string, path: string, sent?: Sent): Promise<Answer>
  /** @returns undefined where the proxy doesn't speak it */
  fetchHttp2(host: string, path: string, sent?: Sent): Promise<Answer | undefined>
  /** The status, and the first message when it was accepted. */
  webSocket(host: string, headers?: Readonly<Record<string, string>>): Promise<{ status: number; message: string }>
  /** Posts to the portal's JSON API as its own page does. */
  api(path: string, body: object, cookie?: string): Promise<Answer>
  /** Signs in with a password. */
  signIn(username: string, password: string): Promise<Cookies>
}
/** The Cookie headers that a browser sends afterwards. */
export interface Cookies {
  readonly atPortal: string
  /** To every other host of the domain: those that were set for the domain. */
  readonly elsewhere: string
}
export interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** What the application got; only its own answer can be read so. */
export const echoOf = (answer: Answer): Echo => JSON.parse(answer.body) as Echo

const PATIENCE = 15_000

export function createVisitor(port: number, domain: string, ca: string): Visitor {
  const authority = (host: string): string => `${host}.${domain}:${port}`
  const connection = (host: string) => ({ host: '127.0.0.1', port, servername: `${host}.${domain}`, ca })

  const fetch: Visitor['fetch'] = (host, path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const all = { Host: authority(host), ...headers } as Record<string, string | string[]>
      const options = { ...connection(host), method, path, agent: false, headers: all, timeout: PATIENCE }
      const sent = request(options, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          sent.destroy()
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() })
        })
      })
      sent.on('error', reject)
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE} ms`)))
      if (!('Expect' in headers)) return void sent.end(body)
      sent.flushHeaders()
      sent.once('continue', () => sent.end(body))
    })

  const fetchHttp2: Visitor['fetchHttp2'] = async (host, path, { method = 'GET', headers = {}, body } = {}) => {
    const socket = connect({ ...connection(host), ALPNProtocols: ['h2', 'http/1.1'] })
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
    if (socket.alpnProtocol !== 'h2') {
      socket.destroy()
      return undefined
    }
    const session = connectHttp2(`https://${authority(host)}`, { createConnection: () => socket })
    try {
      return await new Promise<Answer>((resolve, reject) => {
        session.on('error', reject)
        const all = { ':method': method, ':path': path, ':authority': authority(host), ...headers }
        const stream = session.request(all as Record<string, string>)
        stream.setTimeout(PATIENCE, () => stream.destroy(new Error(`no answer within ${PATIENCE} ms`)))
        let got: Record<string, string | string[] | undefined> = {}
        const chunks: Buffer[] = []
        stream.on('response', (fields) => {
          got = fields as typeof got
        })
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('error', reject)
        stream.on('end', () =>
          resolve({ status: Number(got[':status']), headers: got, body: Buffer.concat(chunks).toString() }),
        )
        stream.end(body)
      })
    } finally {
      session.destroy()
    }
  }

  const api: Visitor['api'] = (path, body, cookie) =>
    fetch('auth', path, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        Origin: `https://${authority('auth')}`,
        'Sec-Fetch-Site': 'same-origin',
        ...(cookie ? { Cookie: cookie } : {}),
      },
      body: JSON.stringify(body),
    })

  return {
    fetch,
    fetchHttp2,
    webSocket: (host, headers = {}) => openWebSocket(connect(connection(host)), authority(host), headers),
    api,
    async signIn(username, password) {
      const answer = await api('/api/firstfactor', { username, password, keepMeLoggedIn: false })
      if (answer.status !== 200) throw new Error(`sign-in of ${username}: ${answer.status} ${answer.body}`)
      return cookiesOf(answer)
    },
  }
}

export function cookiesOf(answer: Answer): Cookies {
  const set = [answer.headers['set-cookie'] ?? []].flat()
  const pairs = (cookies: readonly string[]): string => cookies.map((cookie) => cookie.split(';')[0]).join('; ')
  return { atPortal: pairs(set), elsewhere: pairs(set.filter((cookie) => /;\s*domain=/i.test(cookie))) }
}

function openWebSocket(
  socket: TLSSocket,
  authority: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ status: number; message: string }> {
  return new Promise((resolve, reject) => {
    const lines = Object.entries({
      Host: authority,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      Origin: `https://${authority}`,
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`)
    socket.once('secureConnect', () => socket.write(`GET /socket HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`))
    let received = Buffer.alloc(0)
    const finish = (): void => {
      const text = received.toString('latin1')
      const frame = received.subarray(text.indexOf('\r\n\r\n') + 4)
      socket.destroy()
      const accepted = text.startsWith('HTTP/1.1 101')
      resolve({ status: Number(text.split(' ')[1]), message: accepted ? frame.subarray(2).toString() : '' })
    }
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`no answer to the WebSocket within ${PATIENCE} ms`)))
    socket.on('data', (data) => {
      received = Buffer.concat([received, data])
      const text = received.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const frame = received.subarray(end + 4)
      // An answer that isn't 101, or one whole text frame (RFC 6455 §5.2: its second byte is the length).
      if (!text.startsWith('HTTP/1.1 101') || frame.length >= 2 + (frame[1] ?? 0)) finish()
    })
    socket.on('error', reject)
    socket.on('close', () => (received.length > 0 ? finish() : reject(new Error('closed without an answer'))))
  })
}
