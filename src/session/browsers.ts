// The mark by which the portal knows a browser again, long after its session: a random value in a host-only cookie. Storage knows its hash.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import { randomToken, sha256 } from '../base/secret.ts'
import { sessionCookies, setCookieLine } from './cookie.ts'

/** `__Host-`: no application under the cookie domain ever receives or sets it. */
export const BROWSER_COOKIE = '__Host-latchkey_browser'
const MARK = /^[\w-]{43}$/
/** Browsers keep no cookie longer (RFC 6265bis §5.5). */
const LIFETIME = 400 * 86_400_000

export interface Browsers {
  /** SHA-256 of the mark that the request brings, hex; undefined: it brings none, or several. */
  idOf(request: IncomingMessage): string | undefined
  /** Keeps the browser's mark for another 400 days. */
  keep(request: IncomingMessage, response: ServerResponse): void
  /** Gives the browser a new mark; returns its id. */
  give(response: ServerResponse): string
}

export function createBrowsers(clock: Clock): Browsers {
  const set = (response: ServerResponse, mark: string): void => {
    const lines = [response.getHeader('set-cookie') ?? []].flat().map(String)
    // One line a cookie (RFC 6265 §4.1.1).
    const others = lines.filter((line) => !line.startsWith(`${BROWSER_COOKIE}=`))
    const expires = new Date(clock.now() + LIFETIME)
    response.setHeader('Set-Cookie', [...others, setCookieLine(BROWSER_COOKIE, mark, { sameSite: 'lax', expires })])
  }
  return {
    idOf(request) {
      const mark = markOf(request)
      return mark === undefined ? undefined : idOfMark(mark)
    },
    keep(request, response) {
      const mark = markOf(request)
      if (mark !== undefined) set(response, mark)
    },
    give(response) {
      const mark = randomToken(32)
      set(response, mark)
      return idOfMark(mark)
    },
  }
}

const idOfMark = (mark: string): string => sha256(mark).toString('hex')

function markOf(request: IncomingMessage): string | undefined {
  const found = sessionCookies(request.headers.cookie, BROWSER_COOKIE)
  return found.kind === 'one' && MARK.test(found.value) ? found.value : undefined
}
