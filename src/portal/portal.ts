// What the portal is given by the composition root, and what it gives back. The portal has no policy logic: it asks `policyOf`.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import type { Network } from '../base/ip-address.ts'
import type { Logger } from '../base/log.ts'
import type { CookieDomain, RateLimit, RateLimitName, TotpConfig } from '../config/config.ts'
import type { User } from '../directory/directory.ts'
import type { Login } from '../login/login.ts'
import type { Requirement } from '../policy/model.ts'
import type { SessionDomain, SessionRecord } from '../session/session.ts'
import type { Storage } from '../storage/storage.ts'

/** Everything that may change with a configuration; read anew for each request through `PortalDeps.settings`. */
export interface PortalSettings {
  readonly cookies: readonly CookieDomain[]
  readonly theme: 'light' | 'dark' | 'grey' | 'oled' | 'auto'
  /** '' or '/segment'; pages are served with and without it, links are written with it. */
  readonly basePath: string
  /** `server.headers.csp_template`; undefined is our own policy. */
  readonly cspTemplate: string | undefined
  /** Folder whose favicon.ico and logo.png replace ours; undefined is none. */
  readonly assetPath: string | undefined
  readonly trustedProxies: readonly Network[] | undefined
  /** Some rule, or the default policy, demands two factors (spec 2.9). */
  readonly secondFactorEnabled: boolean
  readonly totpDisabled: boolean
  readonly totp: TotpConfig
  readonly default2faMethod: '' | 'totp' | 'webauthn' | 'mobile_push'
  readonly rateLimits: Readonly<Record<RateLimitName, RateLimit>>
  readonly passwordResetDisabled: boolean
  readonly passwordChangeDisabled: boolean
  /** `password_reset.custom_url`: where a forgotten password is set anew; undefined when there is no such place. */
  readonly passwordResetUrl: string | undefined
  /** What the policy demands of this user at this address, method and URL; used to decide where a sign-in leads. */
  policyOf(user: User, clientAddress: string, method: string, url: string): Requirement
  /** Hosts written out in rules (no wildcard, no pattern) under this cookie domain, in file order, each once. Which of them a user may open is asked of `policyOf`. */
  hostsOf(cookieDomain: string): readonly string[]
  findUser(username: string): User | undefined | Promise<User | undefined>
}

/** A live session as the portal sees it. Reading it never sets a cookie. */
export interface PortalSession {
  readonly record: SessionRecord
  /** The request also carried the portal's own `__Host-` cookie bound to this session; whatever changes an account demands it. */
  readonly hasPortalCookie: boolean
  /** When the password was last proven in this session, milliseconds since the epoch; 0: never. */
  readonly passwordProvenAt: number
  /** Opaque text of something begun and not finished (a one-time code being set up); gone at the next sign-in. */
  readonly pending: string | undefined
}

/** What the portal needs of sessions; provided by src/session. Every call that stores something has stored it when its promise resolves. */
export interface PortalSessions {
  /** The live session of this request at this cookie domain, if there is one; counts as activity. Two cookies of its name are none. @throws when the store can't be asked */
  current(request: IncomingMessage, domain: SessionDomain): Promise<PortalSession | undefined>
  /** Signs in at level 1 under a new id (`passwordProvenAt` is now, nothing pending). The session that the request came with is dead. Sets both cookies. */
  begin(
    request: IncomingMessage,
    response: ServerResponse,
    domain: SessionDomain,
    start: { readonly username: string; readonly remember: boolean; readonly from: string },
  ): Promise<PortalSession>
  /**
   * The same session under a new id, changed; the old id is dead at once. Sets both cookies. Remember-me, creation time and pending stay.
   * Undefined when the session was ended meanwhile: the caller answers as if nobody were signed in.
   */
  renew(
    request: IncomingMessage,
    response: ServerResponse,
    domain: SessionDomain,
    session: PortalSession,
    change: { readonly level?: 2; readonly passwordProvenAt?: number },
  ): Promise<PortalSession | undefined>
  /** Keeps or clears what is pending, under the same id. False when the session was ended meanwhile. */
  setPending(domain: SessionDomain, session: PortalSession, pending: string | undefined): Promise<boolean>
  /** Ends the session of this request, if any, and deletes every session cookie the request brought, with the attributes it was set with. */
  end(request: IncomingMessage, response: ServerResponse, domain: SessionDomain): Promise<void>
}

export type PortalHandler = (request: IncomingMessage, response: ServerResponse) => void

export interface PortalDeps {
  readonly login: Login
  readonly sessions: PortalSessions
  readonly storage: Pick<Storage, 'totp' | 'preferences'>
  readonly clock: Clock
  readonly log: Logger
  settings(): PortalSettings
}
