// express-session at work: it makes the id, regenerates, signs, saves and writes the Set-Cookie line. It runs on a request and a response of its
// own, which hold nothing but the cookie, so that the real ones stay untouched until everything is stored, and nothing is saved behind one's back.
import type { IncomingMessage } from 'node:http'
import expressSession from 'express-session'
import { ServerResponse } from '../base/node-http.ts'
import type { SessionDomain } from './session.ts'
import { keyOfId, newSessionId } from './session-id.ts'
import type { SeenFrom, SessionRows } from './session-rows.ts'
import { type StoredSession, sweepTime } from './stored-session.ts'

declare module 'express-session' {
  interface SessionData {
    signedIn?: StoredSession
    seenFrom?: SeenFrom
  }
}

/** A store for express-session over the rows of one cookie domain. Answers before it returns. */
class RowStore extends expressSession.Store {
  readonly #rows: SessionRows
  readonly #domain: SessionDomain
  readonly #now: () => number

  constructor(rows: SessionRows, domain: SessionDomain, now: () => number) {
    super()
    this.#rows = rows
    this.#domain = domain
    this.#now = now
  }

  override get(id: string, done: (error: unknown, data?: expressSession.SessionData | null) => void): void {
    const found = this.#rows.read(keyOfId(id))
    if (found === undefined) done(null)
    else done(null, { cookie: { originalMaxAge: null }, signedIn: found.session, seenFrom: found.seenFrom })
  }

  /** New sessions only: what changes in one afterwards is written by version, and a key that died stays dead. */
  override set(id: string, data: expressSession.SessionData, done?: (error?: unknown) => void): void {
    const { signedIn, seenFrom } = data
    if (signedIn === undefined || seenFrom === undefined) throw new Error('nobody is signed in to this session')
    const isNew = this.#rows.insert(keyOfId(id), signedIn, seenFrom, sweepTime(signedIn, this.#domain))
    done?.(isNew ? undefined : new Error('the session has ended'))
  }

  override destroy(id: string, done?: (error?: unknown) => void): void {
    this.#rows.remove(keyOfId(id), this.#now())
    done?.()
  }

  override touch(_id: string, _data: expressSession.SessionData, done?: () => void): void {
    done?.()
  }
}

export interface IssuedSession {
  readonly id: string
  /** The Set-Cookie line. */
  readonly cookie: string
}

export interface Exchange {
  /** Stores a session under a new id; the one that came with the cookie is dead. Synchronous, for use within a transaction. */
  issue(cookieValue: string | undefined, signedIn: StoredSession, seenFrom: SeenFrom): IssuedSession
  /** Ends the session that came with the cookie. */
  end(cookieValue: string): void
}

/** @param secret signing secret of this cookie domain */
export function createExchange(rows: SessionRows, domain: SessionDomain, secret: string, now: () => number): Exchange {
  const middleware = expressSession({
    name: domain.name,
    secret,
    store: new RowStore(rows, domain, now),
    genid: newSessionId,
    resave: false,
    saveUninitialized: false,
    cookie: { path: '/', domain: domain.domain, secure: true, httpOnly: true, sameSite: domain.sameSite },
  })

  const open = (cookieValue: string | undefined) => {
    const headers = cookieValue === undefined ? {} : { cookie: `${domain.name}=${cookieValue}` }
    // `encrypted`: the portal answers over https only, however the proxy reaches it, so the cookie is always Secure
    const request = { headers, url: '/', connection: { encrypted: true } } as unknown as IncomingMessage & {
      session: expressSession.Session & Partial<expressSession.SessionData>
      sessionID: string
    }
    const response = new ServerResponse(request)
    atOnce((done) => middleware(request as never, response as never, done))
    return { request, response }
  }

  return {
    issue(cookieValue, signedIn, seenFrom) {
      const { request, response } = open(cookieValue)
      atOnce((done) => request.session.regenerate(done))
      request.session.signedIn = signedIn
      request.session.seenFrom = seenFrom
      request.session.cookie.expires = new Date(signedIn.expiresAt)
      atOnce((done) => request.session.save(done))
      response.writeHead(200)
      const [cookie] = [response.getHeader('set-cookie')].flat()
      if (typeof cookie !== 'string') throw new Error('express-session set no cookie')
      return { id: request.sessionID, cookie }
    },

    end(cookieValue) {
      const { request } = open(cookieValue)
      atOnce((done) => request.session.destroy(done))
    },
  }
}

function atOnce(call: (done: (error?: unknown) => void) => void): void {
  let answered = false
  let failure: unknown
  call((error) => {
    answered = true
    failure ??= error
  })
  if (failure) throw failure
  if (!answered) throw new Error('express-session did not answer at once')
}
