// Duo's Auth API as far as a second factor needs it, over TLS. It checks each request as Duo does (host, date, parameters in their order, signature,
// integration key), which is written down here a second time on purpose, and answers what a test tells it to.
import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeSelfSigned } from '../../../src/certs/authority.ts'

export const KEYS = { integrationKey: 'DIWJ8X6AEYOR5OMC6TQ1', secretKey: 'Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep' }

export interface FakePhone {
  readonly device: string
  readonly name: string
  readonly capabilities: readonly string[]
  readonly type: 'phone' | 'token'
}

export const phone = (device: string, ...capabilities: string[]): FakePhone => ({
  device,
  name: `iOS (${device})`,
  capabilities: capabilities.length > 0 ? capabilities : ['auto', 'push', 'sms', 'mobile_otp'],
  type: 'phone',
})

export interface Asked {
  readonly method: string
  readonly path: string
  readonly params: Readonly<Record<string, string>>
}

/** What a push comes to: `result` and `status` as Duo sends them. */
export type Decision = readonly [result: string, status: string]

export interface FakeDuo {
  /** `127.0.0.1:port` */
  readonly hostname: string
  /** PEM of the certificate it shows. */
  readonly certificate: string
  readonly asked: Asked[]
  /** Requests that Duo would have refused, and why. */
  readonly refused: string[]
  /** preauth's answer for a user; nobody else is known: `enroll`. */
  readonly users: Map<string, Readonly<Record<string, unknown>>>
  /** Passcodes that are right now, by user; each is right once. */
  readonly passcodes: Map<string, Set<string>>
  /** What the next pushes come to at once; while it is empty they wait for `decide`. */
  readonly decisions: Decision[]
  /** Pushes that nobody has answered yet, by transaction. */
  readonly open: Map<string, { readonly username: string; decide(decision: Decision): void }>
  /** Answers that are sent instead, by path, whatever was asked. */
  readonly instead: Map<string, (request: IncomingMessage, response: ServerResponse) => void>
  enrolled(username: string, ...phones: FakePhone[]): void
  /** Of the only open push. */
  decide(...decision: Decision): void
  /** The push after the next one, or the one that is open already. */
  pushed(): Promise<void>
  close(): Promise<void>
}

/** @param now milliseconds since the epoch, by the clock of those who ask */
export async function openFakeDuo(now: () => number, hostname = '127.0.0.1'): Promise<FakeDuo> {
  const names = { dns: ['localhost'], ip: ['127.0.0.1'] }
  const { certificate, privateKey } = await makeSelfSigned(names, { now: Date.now(), days: 2 })
  const waiters: (() => void)[] = []
  let count = 0
  const decided = new Map<string, Promise<Decision>>()
  const seenOnce = new Set<string>()

  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })
  const ok = (response: ServerResponse, value: object) => send(response, 200, { stat: 'OK', response: value })
  const fail = (response: ServerResponse, status: number, code: number, message: string) => {
    duo.refused.push(message)
    send(response, status, { stat: 'FAIL', code, message })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    const body = request.method === 'POST' ? await textOf(request) : query
    const other = duo.instead.get(path)
    if (other) return other(request, response)
    const complaint = complaintOf(request, duo.hostname, path, body, now())
    if (complaint) return fail(response, 401, 40103, complaint)
    if (request.method === 'POST' && request.headers['content-type'] !== 'application/x-www-form-urlencoded')
      return fail(response, 400, 40002, 'Invalid request parameters')
    const params = Object.fromEntries(new URLSearchParams(body))
    duo.asked.push({ method: request.method ?? '', path, params })
    const { username = '', txid = '' } = params
    switch (`${request.method} ${path}`) {
      case 'POST /auth/v2/preauth':
        return ok(
          response,
          duo.users.get(username) ?? {
            result: 'enroll',
            status_msg: 'Enroll an authentication device to proceed',
            enroll_portal_url: `https://${duo.hostname}/portal?code=48bac5d9393fb2c2`,
          },
        )
      case 'POST /auth/v2/auth':
        if (params['factor'] === 'passcode')
          return ok(
            response,
            duo.passcodes.get(username)?.delete(params['passcode'] ?? '')
              ? { result: 'allow', status: 'allow', status_msg: 'Success. Logging you in...' }
              : { result: 'deny', status: 'deny', status_msg: 'Incorrect passcode. Please try again.' },
          )
        if (params['factor'] !== 'push' || !params['device'])
          return fail(response, 400, 40002, 'Invalid request parameters')
        return push(username, params['async'] === '1', response)
      case 'GET /auth/v2/auth_status': {
        const decision = decided.get(txid)
        if (!decision) return fail(response, 400, 40002, 'Invalid txid')
        // News at once: it was sent. After that only what becomes of it.
        if (!seenOnce.has(txid)) {
          seenOnce.add(txid)
          return ok(response, {
            result: 'waiting',
            status: 'pushed',
            status_msg: 'Pushed a login request to your phone...',
          })
        }
        const [result, status] = await decision
        return ok(response, { result, status, status_msg: `It is ${status}.` })
      }
      default:
        return fail(response, 404, 40401, 'Resource not found')
    }
  }

  async function push(username: string, isAsync: boolean, response: ServerResponse): Promise<void> {
    const txid = `45f7c92b-f45f-4862-8545-${String(++count).padStart(12, '0')}`
    const ready = duo.decisions.shift()
    decided.set(
      txid,
      ready
        ? Promise.resolve(ready)
        : new Promise<Decision>((resolve) => {
            const decide = (decision: Decision) => {
              duo.open.delete(txid)
              resolve(decision)
            }
            duo.open.set(txid, { username, decide })
          }),
    )
    for (const done of waiters.splice(0)) done()
    if (isAsync) return ok(response, { txid })
    const [result, status] = (await decided.get(txid)) ?? ['deny', 'deny']
    return ok(response, { result, status, status_msg: `It is ${status}.` })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const duo: FakeDuo = {
    hostname: `${hostname}:${port}`,
    certificate,
    asked: [],
    refused: [],
    users: new Map(),
    passcodes: new Map(),
    decisions: [],
    open: new Map(),
    instead: new Map(),
    enrolled: (username, ...phones) =>
      void duo.users.set(username, { result: 'auth', status_msg: 'Account is active', devices: phones.map(deviceOf) }),
    decide(...decision) {
      const [only, ...others] = duo.open.values()
      if (only === undefined || others.length > 0) throw new Error(`${duo.open.size} pushes are open`)
      only.decide(decision)
    },
    pushed: () => (duo.open.size > 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    close: () =>
      new Promise((resolve) => {
        for (const { decide } of duo.open.values()) decide(['deny', 'timeout'])
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return duo
}

const deviceOf = ({ device, name, capabilities, type }: FakePhone) =>
  type === 'token'
    ? { device, name: '0', type }
    : { device, display_name: name, name: '', number: 'XXX-XXX-0100', type, capabilities }

/** Duo's rules for a request; '' when it has nothing against it. */
function complaintOf(request: IncomingMessage, hostname: string, path: string, body: string, now: number): string {
  const { host = '', date = '', authorization = '' } = request.headers
  if (host.toLowerCase() !== hostname.toLowerCase()) return 'Invalid host'
  const sent = Date.parse(date)
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:GMT|[+-]\d{4})$/.test(date))
    return 'Invalid date header'
  if (!(Math.abs(sent - now) <= 5 * 60_000)) return 'Bad request timestamp'
  const [key, signature = ''] = Buffer.from(/^Basic (.*)$/.exec(authorization)?.[1] ?? '', 'base64')
    .toString()
    .split(':')
  if (key !== KEYS.integrationKey) return 'Invalid integration key in request credentials'
  const pairs = body === '' ? [] : body.split('&').map((pair) => pair.split('=') as [string, string])
  const spelled = pairs.map(([name, value = '']) => `${respell(name)}=${respell(value)}`)
  const canonical = [date, request.method, hostname.toLowerCase(), path, spelled.toSorted().join('&')].join('\n')
  const digest = signature.length === 128 ? 'sha512' : 'sha1'
  return signature === createHmac(digest, KEYS.secretKey).update(canonical).digest('hex')
    ? ''
    : 'Invalid signature in request credentials'
}

/** What was sent, in the one spelling that is signed: RFC 3986 with upper case digits, a space as %20. */
function respell(text: string): string {
  const bytes = Buffer.from(decodeURIComponent(text.replaceAll('+', ' ')))
  return [...bytes]
    .map((byte) => {
      const char = String.fromCharCode(byte)
      return /[\w.~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

function send(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
