// Sessions in memory that keep the contract of PortalSessions: new ids, dead old ones, the portal's own cookie, nothing for the anonymous.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../../src/base/clock.ts'
import type { PortalSession, PortalSessions } from '../../../src/portal/portal.ts'
import type { SessionDomain } from '../../../src/session/session.ts'

export const OWN_COOKIE = '__Host-portal'

const cookiesOf = (request: IncomingMessage): Map<string, string> =>
  new Map(
    (request.headers.cookie ?? '').split('; ').map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )

export function fakeSessions(clock: Clock) {
  const live = new Map<string, PortalSession>()
  let counter = 0
  const fake = { broken: false, live }

  const store = (response: ServerResponse, domain: SessionDomain, session: Omit<PortalSession, 'hasPortalCookie'>) => {
    const id = `s${++counter}`
    const kept: PortalSession = {
      ...session,
      hasPortalCookie: true,
      record: { ...session.record, key: id },
    }
    live.set(id, kept)
    response.setHeader('Set-Cookie', [
      `${domain.name}=${id}; Domain=${domain.domain}; Path=/; Secure; HttpOnly; SameSite=Lax`,
      `${OWN_COOKIE}=${id}; Path=/; Secure; HttpOnly; SameSite=Lax`,
    ])
    return kept
  }

  const sessions: PortalSessions = {
    async current(request, domain) {
      if (fake.broken) throw new Error('the session store is gone')
      const cookies = cookiesOf(request)
      const id = cookies.get(domain.name) ?? ''
      const session = live.get(id)
      if (session?.record.domain !== domain.domain) return undefined
      return { ...session, hasPortalCookie: cookies.get(OWN_COOKIE) === id }
    },
    async begin(request, response, domain, { username, remember }) {
      if (fake.broken) throw new Error('the session store is gone')
      live.delete(cookiesOf(request).get(domain.name) ?? '')
      const now = clock.now()
      return store(response, domain, {
        passwordProvenAt: now,
        pending: undefined,
        record: {
          domain: domain.domain,
          username,
          level: 1,
          remembered: remember,
          createdAt: now,
          lastActivityAt: now,
          expiresAt: now + domain.expiration,
          epoch: 0,
          key: '',
        },
      })
    },
    async renew(_request, response, domain, session, change) {
      if (!live.delete(session.record.key)) return undefined
      const { level, ...rest } = change
      return store(response, domain, {
        ...session,
        ...rest,
        record: { ...session.record, level: level ?? session.record.level },
      })
    },
    async setPending(_domain, session, pending) {
      const stored = live.get(session.record.key)
      if (stored === undefined) return false
      live.set(session.record.key, { ...stored, pending })
      return true
    },
    async end(request, response, domain) {
      if (live.delete(cookiesOf(request).get(domain.name) ?? ''))
        response.setHeader(
          'Set-Cookie',
          `${domain.name}=; Domain=${domain.domain}; Max-Age=0; Path=/; Secure; HttpOnly`,
        )
    },
  }
  return Object.assign(fake, { sessions })
}
