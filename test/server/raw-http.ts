// HTTP/1.1 by hand: exactly the given bytes go out, and what comes back is taken apart without mercy. Libraries would mend what is under test.
import { connect } from 'node:net'

export interface RawRequest {
  readonly method?: string
  readonly path: string
  /** One character is one byte. A Host is added when there is none. */
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
  /** Local address to connect from, e.g. 127.0.0.2. */
  readonly from?: string
}

export interface RawResponse {
  readonly status: number
  /** Lower-case names; repeated lines are joined with ', '. Values are bytes: one character each. */
  readonly headers: Readonly<Record<string, string>>
  readonly lines: readonly (readonly [string, string])[]
  readonly body: string
}

/** One request on a connection of its own. */
export async function raw(port: number, request: RawRequest): Promise<RawResponse> {
  const { method = 'GET', path, headers = [], body = '' } = request
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  if (!headers.some(([name]) => name.toLowerCase() === 'host')) lines.unshift('Host: authz.internal:9091')
  if (body !== '') lines.push(`Content-Length: ${body.length}`)
  lines.push('Connection: close')
  const bytes = await exchange(port, `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`, request.from)
  const [first] = parseResponses(bytes, method)
  if (first === undefined) throw new Error(`no answer but ${JSON.stringify(bytes)}`)
  return first
}

/** Sends bytes and returns all that came until the other side closed the connection. `end`: nothing more is to be expected from us. */
export function exchange(port: number, bytes: string, from?: string, end = false): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...(from === undefined ? {} : { localAddress: from }) })
    const chunks: Buffer[] = []
    socket.setTimeout(20_000, () => socket.destroy(new Error('nothing more came, and the connection stayed open')))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // closed while we were still sending; what had arrived before counts
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    if (end) socket.end(Buffer.from(bytes, 'latin1'))
    else socket.write(Buffer.from(bytes, 'latin1'))
  })
}

/** All final answers in a stream of bytes, by their Content-Length; what is left over is an error, interim answers too. */
export function parseResponses(bytes: string, method = 'GET'): RawResponse[] {
  const responses: RawResponse[] = []
  for (let rest = bytes; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n')
    const [first = '', ...rows] = rest.slice(0, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])
    if (end < 0 || !(status >= 200)) throw new Error(`not an answer: ${JSON.stringify(rest.slice(0, 200))}`)
    const lines = rows.map((row) => {
      const colon = row.indexOf(':')
      return [row.slice(0, colon), row.slice(colon + 1).trim()] as const
    })
    const headers: Record<string, string> = {}
    for (const [name, value] of lines) {
      const key = name.toLowerCase()
      headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`
    }
    const length = method === 'HEAD' ? 0 : Number(headers['content-length'])
    if (Number.isNaN(length)) throw new Error(`without Content-Length: ${JSON.stringify(rest.slice(0, 200))}`)
    responses.push({ status, headers, lines, body: rest.slice(end + 4, end + 4 + length) })
    rest = rest.slice(end + 4 + length)
  }
  return responses
}
