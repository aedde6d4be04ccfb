// Duo's Auth API (version 2) over HTTPS: asks what a user may do, sends a push, waits for news of it, checks a passcode. Trusts nothing that comes
// back: other certificates, redirects, long or strange answers and silence are all failures, and a failure never lets anybody in.
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { nodeHttps } from '../../base/node-http.ts'
import { VERSION } from '../../base/version.ts'
import { type Preauth, readAnswer, readPreauth, readTransaction, readVerdict, type Verdict } from './answers.ts'
import { DuoFailure } from './duo-failure.ts'
import { type DuoKeys, type DuoParams, encodeParams, signDuoRequest } from './signature.ts'

export interface DuoAccount extends DuoKeys {
  /** Host of the API, with its port when that isn't 443. */
  readonly hostname: string
}

export interface PushRequest {
  readonly username: string
  readonly displayName: string
  readonly device: string
  readonly from: string
  /** What the person wants to open; '' when nothing in particular. */
  readonly target: string
}

export interface DuoApi {
  preauth(username: string): Promise<Preauth>
  /** Sends a push and doesn't wait. @returns Duo's name for it */
  push(request: PushRequest): Promise<string>
  /** Comes back as soon as Duo has news of the push, or `signal` or the time is up. */
  status(transaction: string, signal: AbortSignal): Promise<Verdict | 'waiting'>
  passcode(username: string, passcode: string, from: string): Promise<Verdict>
}

/** Milliseconds from the first byte out to the last one in. */
const SHORT = 10_000
/** Duo keeps a push for a minute and holds the question about it as long. */
const LONG = 65_000
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i
/** Bytes; a user has a handful of devices. */
const MAX_ANSWER = 64 * 1024

export interface DuoApiOptions {
  /** PEM of the authorities that may vouch for Duo; those of Node otherwise. */
  readonly trusted?: string
  /** Milliseconds for a question that Duo answers at once. */
  readonly patience?: number
}

export function createDuoApi(account: DuoAccount, clock: Clock, options: DuoApiOptions = {}): DuoApi {
  const { trusted, patience = SHORT } = options
  const ask = (method: 'GET' | 'POST', path: string, params: DuoParams, time: number, signal?: AbortSignal) => {
    const limit = AbortSignal.timeout(time)
    const question = { method, path, params, date: new Date(clock.now()).toUTCString() }
    return send(account, question, signal ? AbortSignal.any([limit, signal]) : limit, trusted)
  }
  return {
    preauth: async (username) => readPreauth(await ask('POST', '/auth/v2/preauth', { username }, patience)),

    async push({ username, displayName, device, from, target }) {
      const params = {
        username,
        ipaddr: from,
        factor: 'push',
        device,
        async: '1',
        ...(displayName === '' ? {} : { display_username: displayName }),
        ...(target === '' ? {} : { pushinfo: encodeParams({ 'target url': target }) }),
      }
      return readTransaction(await ask('POST', '/auth/v2/auth', params, patience))
    },

    status: async (txid, signal) => readVerdict(await ask('GET', '/auth/v2/auth_status', { txid }, LONG, signal)),

    async passcode(username, passcode, from) {
      const params = { username, ipaddr: from, factor: 'passcode', passcode }
      const verdict = readVerdict(await ask('POST', '/auth/v2/auth', params, patience))
      if (verdict === 'waiting') throw new DuoFailure('a passcode was answered like a push')
      return verdict
    },
  }
}

interface Question {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly params: DuoParams
  readonly date: string
}

/** Never follows a redirect: the answer of another host isn't Duo's. @throws DuoFailure */
async function send(
  account: DuoAccount,
  { method, path, params, date }: Question,
  signal: AbortSignal,
  trusted: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const { hostname: host } = account
  const place = HOST.test(host) ? URL.parse(`https://${host}/`) : null
  if (place === null) throw new DuoFailure('duo_api.hostname is no host')
  const body = encodeParams(params)
  const headers = {
    Host: host,
    Date: date,
    Authorization: signDuoRequest(account, { method, host, path, params, date }),
    'User-Agent': `Latchkey/${VERSION}`,
    Accept: 'application/json',
    ...(method === 'POST'
      ? { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body) }
      : {}),
  }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = nodeHttps().request(
      {
        hostname: place.hostname.replace(/^\[|\]$/g, ''),
        port: place.port || 443,
        method,
        path: method === 'GET' ? `${path}?${body}` : path,
        headers,
        signal,
        minVersion: 'TLSv1.2',
        agent: false,
        ...(trusted === undefined ? {} : { ca: trusted }),
      },
      resolve,
    )
    request.on('error', reject)
    request.end(method === 'POST' ? body : undefined)
  }).catch((error: unknown) => {
    throw new DuoFailure(`no answer (${reasonOf(error, signal)})`)
  })
  return readAnswer(response.statusCode ?? 0, await bounded(response, signal))
}

async function bounded(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > MAX_ANSWER) throw new DuoFailure('the answer is too long')
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof DuoFailure) throw error
    throw new DuoFailure(`the answer broke off (${reasonOf(error, signal)})`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A code such as ECONNREFUSED or CERT_HAS_EXPIRED; messages could hold addresses. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'it took too long'
  return (error as NodeJS.ErrnoException).code ?? 'broken'
}
