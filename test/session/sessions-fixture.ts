// Sessions on a temporary file, by a clock that stands still.
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { openSessions, type SessionsOptions } from '../../src/session/open-sessions.ts'
import type { SessionDomain } from '../../src/session/session.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { cookieValue, exchange, jar } from './exchange.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export const DOMAIN: SessionDomain = {
  domain: 'example.com',
  name: '__Secure-latchkey_session',
  sameSite: 'lax',
  expiration: HOUR,
  inactivity: 5 * MINUTE,
  rememberMe: 30 * DAY,
}
export const OTHER_DOMAIN: SessionDomain = { ...DOMAIN, domain: 'example.org' }
export const START = Date.UTC(2026, 0, 1)
export const SECRET = 'a secret for tests'

export async function sessionsFor(t: TestContext, more: Partial<SessionsOptions> = {}, clock = manualClock(START)) {
  const path = more.path ?? join(temporaryFolder(t), 'db.sessions.sqlite3')
  const sessions = await openSessions({ path, secret: SECRET, clock, ...more })
  t.after(() => sessions.close())

  /** Signs in; `cookies` is what the browser holds afterwards. */
  const signIn = async (username = 'alice', { remember = false, domain = DOMAIN, cookie = '' } = {}) => {
    const { request, response, cookies } = exchange(cookie || undefined, { 'user-agent': 'test browser' })
    const session = await sessions.begin(request, response, domain, { username, remember, from: '203.0.113.7' })
    const held = jar(cookies())
    return { session, lines: cookies(), cookies: held, value: cookieValue(held, domain.name) }
  }
  const identify = async (value: string, domain = DOMAIN, options?: { touch?: boolean }) =>
    sessions.identify(domain, value, options)
  const current = (cookie: string, domain = DOMAIN) => sessions.current(exchange(cookie).request, domain)
  return { sessions, clock, path, signIn, identify, current }
}
