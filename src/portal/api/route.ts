// What a route of the API is made of, and what its handler is given.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RateLimitName } from '../../config/config.ts'
import type { PortalDeps, PortalSettings } from '../portal.ts'
import type { SignedIn } from '../signed-in.ts'
import type { Visit } from '../visit.ts'

export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly deps: PortalDeps
  readonly visit: Visit
  /** Empty for GET. */
  readonly body: Uint8Array
  /** What stands in the place of `{id}` in the route's path, as it was sent; '' where it has none. */
  readonly id: string
  /** For mails; the API itself speaks English. */
  readonly language: string
}

export type Handler = (call: Call) => Promise<void>
export type SignedInHandler = (call: Call, signedIn: SignedIn) => Promise<void>

export type Endpoint = { readonly limit?: RateLimitName } & (
  | { readonly access: 'open'; readonly handle: Handler }
  /** Level 1 at least, and for everything but GET the portal's own cookie; 403 as text otherwise. */
  | { readonly access: 'signed-in'; readonly handle: SignedInHandler }
  /** What changes how somebody signs in: everything that the table in login/elevation.ts asks for. */
  | { readonly access: 'elevated'; readonly handle: SignedInHandler }
)

export interface Route {
  /** Exact, or ending in `/{id}`, which stands for one segment. */
  readonly path: string
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'DELETE', Endpoint>>>
  /** A route that is switched off isn't there. */
  available?(settings: PortalSettings): boolean
}

/** Whoever is signed in here and still exists. */
export async function whoIs(call: Call): Promise<SignedIn | undefined> {
  const session = await call.deps.sessions.current(call.request, call.visit.domain)
  if (session === undefined) return undefined
  const user = await call.visit.settings.findUser(session.record.username)
  return user && { session, user }
}
