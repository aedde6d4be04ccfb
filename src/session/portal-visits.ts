// What the portal does with sessions: who is here, signing in, rising, signing out. Each step is one transaction without an await; cookies are set
// when it has been committed.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../base/clock.ts'
import { inTransaction } from '../storage/database-file.ts'
import { deleteCookieLine, sessionCookies, setCookieLine } from './cookie.ts'
import { createExchange, type Exchange, type IssuedSession } from './express-exchange.ts'
import type { LiveSessions } from './live-sessions.ts'
import type { PortalSession, PortalSessions, SessionDomain } from './session.ts'
import { type CookieValues, keyOfId } from './session-id.ts'
import type { SeenFrom, SessionRows } from './session-rows.ts'
import { endOf, type StoredSession, sweepTime } from './stored-session.ts'

/** The portal's own cookie: host-only, so no application under the cookie domain ever receives or sets it. */
export const PORTAL_COOKIE = '__Host-latchkey_portal'
const USER_AGENT_LENGTH = 256

interface Deps {
  readonly database: DatabaseSync
  readonly rows: SessionRows
  readonly live: LiveSessions
  readonly clock: Clock
  readonly cookieValues: (domain: SessionDomain) => CookieValues
}

export function createPortalVisits({ database, rows, live, clock, cookieValues }: Deps): PortalSessions {
  const exchanges = new WeakMap<SessionDomain, Exchange>()
  const exchangeOf = (domain: SessionDomain): Exchange => {
    let exchange = exchanges.get(domain)
    if (exchange === undefined) {
      exchange = createExchange(rows, domain, cookieValues(domain).secret, () => clock.now())
      exchanges.set(domain, exchange)
    }
    return exchange
  }

  /** Cookie values of this request that we signed. More than one means that somebody set another beside the user's. */
  const ownValues = (request: IncomingMessage, domain: SessionDomain): readonly string[] => {
    const found = sessionCookies(request.headers.cookie, domain.name)
    const values = found.kind === 'none' ? [] : found.kind === 'one' ? [found.value] : found.values
    return values.filter((value) => cookieValues(domain).idOf(value) !== undefined)
  }

  /** Ends every session the request came with and stores `session` under a new id. Within a transaction. */
  const reissue = (request: IncomingMessage, domain: SessionDomain, session: StoredSession, seenFrom: SeenFrom) => {
    const [last, ...others] = ownValues(request, domain).toReversed()
    for (const value of others) exchangeOf(domain).end(value)
    return exchangeOf(domain).issue(last, session, seenFrom)
  }

  const forgetCookies = (request: IncomingMessage, domain: SessionDomain): void => {
    for (const value of ownValues(request, domain)) {
      const id = cookieValues(domain).idOf(value)
      if (id !== undefined) live.forget(keyOfId(id))
    }
  }

  const sendCookies = (
    request: IncomingMessage,
    response: ServerResponse,
    domain: SessionDomain,
    { id, cookie }: IssuedSession,
    session: StoredSession,
  ): void => {
    // Signing in and rising within one answer: the last one counts (RFC 6265 §4.1.1 allows one line a cookie).
    withdrawCookies(response, [domain.name, PORTAL_COOKIE])
    // A host-only cookie of this name is none of ours; left there it would make every later request ambiguous.
    if (sessionCookies(request.headers.cookie, domain.name).kind === 'several') {
      response.appendHeader('Set-Cookie', deleteCookieLine(domain.name, { sameSite: domain.sameSite }))
    }
    response.appendHeader('Set-Cookie', cookie)
    const portal = { sameSite: portalSameSite(domain), expires: new Date(session.expiresAt) }
    response.appendHeader('Set-Cookie', setCookieLine(PORTAL_COOKIE, cookieValues(domain).portalValue(id), portal))
  }

  return {
    async current(request, domain) {
      const found = sessionCookies(request.headers.cookie, domain.name)
      if (found.kind !== 'one') return undefined
      const here = live.find(domain, found.value, true)
      const id = here && cookieValues(domain).idOf(found.value)
      if (here === undefined || id === undefined) return undefined
      const portal = sessionCookies(request.headers.cookie, PORTAL_COOKIE)
      return {
        record: { ...here.record },
        hasPortalCookie: portal.kind === 'one' && cookieValues(domain).isPortalValue(id, portal.value),
        passwordProvenAt: here.passwordProvenAt,
        begunWith: here.begunWith ?? 'password',
        elevation: here.elevation,
        pending: here.pending,
      }
    },

    async begin(request, response, domain, start) {
      const now = clock.now()
      const remembered = start.remember && domain.rememberMe > 0
      const userAgent = (request.headers['user-agent'] ?? '').slice(0, USER_AGENT_LENGTH)
      const { issued, session } = inTransaction(database, () => {
        const session: StoredSession = {
          domain: domain.domain,
          username: start.username,
          level: start.passkey?.level ?? 1,
          remembered,
          createdAt: now,
          lastActivityAt: now,
          expiresAt: endOf({ remembered, createdAt: now }, domain, now),
          epoch: rows.epochOf(start.username),
          passwordProvenAt: start.passkey ? 0 : now,
          ...(start.passkey ? { begunWith: 'passkey' } : {}),
        }
        return { issued: reissue(request, domain, session, { address: start.from, userAgent }), session }
      })
      forgetCookies(request, domain)
      sendCookies(request, response, domain, issued, session)
      return asPortalSession(issued.id, session)
    },

    async renew(request, response, domain, { record }, change) {
      const renewed = inTransaction(database, () => {
        const found = live.latestAlive(record.key, domain)
        if (found === undefined) return undefined
        const now = clock.now()
        const { byTrustedBrowser, ...before } = found.session
        // A second factor that is given counts for itself, whatever the browser was trusted with before.
        const kept = byTrustedBrowser && change.level === undefined ? { byTrustedBrowser } : {}
        const session = { ...before, ...kept, ...change, lastActivityAt: now }
        if (!mayRise(found.session, change)) session.level = found.session.level
        session.expiresAt = endOf(session, domain, now)
        rows.remove(record.key, now)
        return { issued: reissue(request, domain, session, found.seenFrom), session }
      })
      live.forget(record.key)
      if (renewed === undefined) return undefined
      forgetCookies(request, domain)
      sendCookies(request, response, domain, renewed.issued, renewed.session)
      return asPortalSession(renewed.issued.id, renewed.session)
    },

    async setPending(domain, { record }, pending) {
      const kept = inTransaction(database, () => {
        const found = live.latestAlive(record.key, domain)
        if (found === undefined) return false
        const session = { ...found.session, pending }
        return rows.update(record.key, session, found.version, sweepTime(session, domain))
      })
      live.forget(record.key)
      return kept
    },

    async end(request, response, domain) {
      const values = ownValues(request, domain)
      inTransaction(database, () => {
        for (const value of values) exchangeOf(domain).end(value)
      })
      forgetCookies(request, domain)
      withdrawCookies(response, [domain.name, PORTAL_COOKIE])
      const brought = sessionCookies(request.headers.cookie, domain.name).kind
      const { sameSite } = domain
      if (brought !== 'none') {
        response.appendHeader('Set-Cookie', deleteCookieLine(domain.name, { domain: domain.domain, sameSite }))
      }
      if (brought === 'several') response.appendHeader('Set-Cookie', deleteCookieLine(domain.name, { sameSite }))
      if (sessionCookies(request.headers.cookie, PORTAL_COOKIE).kind !== 'none') {
        response.appendHeader('Set-Cookie', deleteCookieLine(PORTAL_COOKIE, { sameSite: portalSameSite(domain) }))
      }
    },
  }
}

/** A passkey and a one-time code are both possessed: one factor, however many of them are shown. */
const mayRise = ({ begunWith }: StoredSession, { passwordProvenAt }: { readonly passwordProvenAt?: number }): boolean =>
  begunWith !== 'passkey' || passwordProvenAt !== undefined

function withdrawCookies(response: ServerResponse, names: readonly string[]): void {
  const lines = [response.getHeader('set-cookie') ?? []].flat().map(String)
  const kept = lines.filter((line) => !names.some((name) => line.startsWith(`${name}=`)))
  if (kept.length < lines.length) response.setHeader('Set-Cookie', kept)
}

/** Never None: nothing that changes an account is done from inside another site. */
const portalSameSite = (domain: SessionDomain): 'strict' | 'lax' => (domain.sameSite === 'strict' ? 'strict' : 'lax')

function asPortalSession(id: string, session: StoredSession): PortalSession {
  const { passwordProvenAt, begunWith = 'password', elevation, pending, ...record } = session
  return {
    record: { ...record, key: keyOfId(id) },
    hasPortalCookie: true,
    passwordProvenAt,
    begunWith,
    elevation,
    pending,
  }
}
