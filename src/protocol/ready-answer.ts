// A 200 without a body that is made once and sent often. `writeHead` checks, joins and copies every header at every call, which was an eighth of what
// a question costs; here node:http does so once, and the head it made is handed to each response with the time of day put in.
import type { ServerResponse } from 'node:http'
import { ServerResponse as HttpResponse } from '../base/node-http.ts'
import { endTogether } from '../base/send-together.ts'

/** Fields of node's responses that its types leave out. Where they are not as expected, `writeHead` does its work each time. */
interface Internals {
  /** The head as it goes over the wire; null: none yet. */
  _header: string | null
  _keepAliveTimeout: number
  /** The other side waits for a 100 before it sends its body. A final answer instead must end the connection: who knows whether the body comes. */
  _expect_continue: boolean
}

export class ReadyAnswer {
  /** Names and values in turn, as `writeHead` takes them. */
  readonly headers: readonly string[]
  #keepAliveTimeout = -1
  #beforeDate = ''
  #afterDate = ''
  #head = ''
  #dateOfHead = ''

  constructor(headers: readonly string[]) {
    this.headers = headers
  }

  /** @param response nothing was written to it or set on it */
  send(response: ServerResponse): void {
    const internals = response as unknown as Internals
    const isUsual = response.shouldKeepAlive && internals._expect_continue === false && internals._header === null
    if (isUsual && this.#isMadeFor(internals._keepAliveTimeout)) {
      internals._header = this.#headNow()
    } else {
      response.writeHead(200, this.headers as string[])
    }
    endTogether(response)
  }

  #headNow(): string {
    const date = httpDate()
    if (date !== this.#dateOfHead) {
      this.#head = this.#beforeDate + date + this.#afterDate
      this.#dateOfHead = date
    }
    return this.#head
  }

  #isMadeFor(keepAliveTimeout: number): boolean {
    if (this.#keepAliveTimeout === keepAliveTimeout) return true
    const made = new HttpResponse(SOME_REQUEST)
    const internals = made as unknown as Internals
    internals._keepAliveTimeout = keepAliveTimeout
    made.shouldKeepAlive = true
    made.writeHead(200, this.headers as string[])
    const parts = /^(HTTP\/1\.1 200 OK\r\n.*\r\nDate: )[^\r\n]+(\r\n.*\r\n\r\n)$/s.exec(internals._header ?? '')
    if (parts === null) return false
    const [, before = '', after = ''] = parts
    this.#beforeDate = before
    this.#afterDate = after
    this.#keepAliveTimeout = keepAliveTimeout
    this.#dateOfHead = ''
    return true
  }
}

const SOME_REQUEST = { method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1, headers: {} } as ConstructorParameters<
  typeof HttpResponse
>[0]

let second = 0
let date = ''

/** The time of day as RFC 9110 §5.6.7 wants it, written once a second. */
function httpDate(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    date = new Date(now * 1000).toUTCString()
  }
  return date
}
