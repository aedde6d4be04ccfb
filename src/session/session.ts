// What a session is and what its users (gate, portal, CLI) may ask for. Stores, cookies and caches live in the files beside this one.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Level } from '../policy/model.ts'

/** Lifetimes of one cookie domain (milliseconds); structurally a part of config's CookieDomain. */
export interface SessionDomain {
  /** Without leading dot, lower case. */
  readonly domain: string
  /** Cookie name. */
  readonly name: string
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly expiration: number
  readonly inactivity: number
  /** 0: remember-me is off. */
  readonly rememberMe: number
}

/** One signed-in session as the gate sees it. There are no anonymous sessions at the gate. */
export interface SessionRecord {
  /** Cookie domain it belongs to; a cookie that reaches another domain is ignored there. */
  readonly domain: string
  /** Canonical name. Names, groups and addresses come from the directory at each request, never from the session. */
  readonly username: string
  readonly level: Exclude<Level, 0>
  /** The second factor wasn't given in it: its browser is trusted. Level 2 all the same, but no proof for changing the account. */
  readonly byTrustedBrowser?: true
  readonly remembered: boolean
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly lastActivityAt: number
  /** Absolute end; never moved by activity of a remembered session, moved by activity of a normal one no further than `expiration` from now. */
  readonly expiresAt: number
  /** The user's epoch when it was made; older than the user's current epoch means revoked. */
  readonly epoch: number
  /** SHA-256 of the session id, hex; the handle for listing and revoking. */
  readonly key: string
  /** Room for what a reader has found out about the user of this record. Nothing here looks at it, and it isn't stored. */
  memo?: object | undefined
}

/** What the gate needs: reads from memory in the common case, and is synchronous then. */
export interface SessionReader {
  /**
   * The live session behind a raw cookie value of `domain`, or undefined when there is none (forged, expired, inactive, revoked, of another domain).
   * Counts as activity unless `touch` is false; activity is written at most once in min(60 s, inactivity ÷ 10).
   * @throws when the store can't be asked; the caller answers closed
   */
  identify(
    domain: SessionDomain,
    cookieValue: string,
    options?: { touch?: boolean },
  ): SessionRecord | undefined | Promise<SessionRecord | undefined>
}

export interface SessionListing {
  readonly key: string
  readonly domain: string
  readonly username: string
  readonly level: Level
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly address: string
  readonly userAgent: string
}

/** What administers sessions. Every call takes effect at the very next request, in other processes too. */
export interface SessionAdmin {
  list(filter?: { username?: string; domain?: string }): Promise<readonly SessionListing[]>
  revoke(key: string): Promise<boolean>
  /** Ends all sessions of a user by raising his epoch; `except` survives (its record takes the new epoch). Returns how many ended. */
  revokeUser(username: string, except?: { key: string }): Promise<number>
}

/** A live session as the portal sees it. Reading it never sets a cookie. */
export interface PortalSession {
  readonly record: SessionRecord
  /** The request also carried the portal's own `__Host-` cookie bound to this session; whatever changes an account demands it. */
  readonly hasPortalCookie: boolean
  /** When the password was last proven in this session, milliseconds since the epoch; 0: never. */
  readonly passwordProvenAt: number
  /** What the session began with. After a passkey only the password is a second factor: two things possessed are one factor. */
  readonly begunWith: 'password' | 'passkey'
  /** Until when (milliseconds since the epoch), and from which address, the account may be changed; gone at the next sign-in. */
  readonly elevation: { readonly until: number; readonly from: string } | undefined
  /** Opaque text of something begun and not finished (a one-time code being set up); gone at the next sign-in. */
  readonly pending: string | undefined
}

/** What the portal needs of sessions; and gets from `openSessions`. Every call that stores something has stored it when its promise resolves. */
export interface PortalSessions {
  /** The live session of this request at this cookie domain, if there is one; counts as activity. Two cookies of its name are none. @throws when the store can't be asked */
  current(request: IncomingMessage, domain: SessionDomain): Promise<PortalSession | undefined>
  /**
   * Signs in at level 1 under a new id (`passwordProvenAt` is now, nothing pending); with a passkey at `level`, and no password is proven. The session that
   * the request came with is dead. Sets both cookies.
   */
  begin(
    request: IncomingMessage,
    response: ServerResponse,
    domain: SessionDomain,
    start: {
      readonly username: string
      readonly remember: boolean
      readonly from: string
      readonly passkey?: { readonly level: 1 | 2 }
    },
  ): Promise<PortalSession>
  /**
   * The same session under a new id, changed; the old id is dead at once. Sets both cookies. Remember-me, creation time and pending stay.
   * Level 2 of a session that began with a passkey takes the password: `level` without `passwordProvenAt` leaves it as it is.
   * Undefined when the session was ended meanwhile: the caller answers as if nobody were signed in.
   */
  renew(
    request: IncomingMessage,
    response: ServerResponse,
    domain: SessionDomain,
    session: PortalSession,
    change: {
      readonly level?: 2
      /** Only with `level`, which is otherwise a second factor that was just given. */
      readonly byTrustedBrowser?: true
      readonly passwordProvenAt?: number
      readonly elevation?: { readonly until: number; readonly from: string }
    },
  ): Promise<PortalSession | undefined>
  /** Keeps or clears what is pending, under the same id. False when the session was ended meanwhile. */
  setPending(domain: SessionDomain, session: PortalSession, pending: string | undefined): Promise<boolean>
  /** Ends the session of this request, if any, and deletes every session cookie the request brought, with the attributes it was set with. */
  end(request: IncomingMessage, response: ServerResponse, domain: SessionDomain): Promise<void>
}
