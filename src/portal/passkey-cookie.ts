// Keeps the ticket of a passkey sign-in in the browser that began it: host-only, for five minutes, never sent from elsewhere.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PASSKEY_LIFESPAN } from '../login/webauthn/passkey-ticket.ts'

const COOKIE = '__Host-latchkey_passkey'
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict'

export function keepTicket(response: ServerResponse, ticket: string): void {
  response.appendHeader('Set-Cookie', `${COOKIE}=${ticket}; Max-Age=${PASSKEY_LIFESPAN / 1000}; ${ATTRIBUTES}`)
}

/** Undefined when there is none, or more than one. The browser forgets it: it is of no use any more. */
export function takeTicket(request: IncomingMessage, response: ServerResponse): string | undefined {
  const found = (request.headers.cookie ?? '').split(/; */).filter((pair) => pair.startsWith(`${COOKIE}=`))
  if (found.length > 0) response.appendHeader('Set-Cookie', `${COOKIE}=; Max-Age=0; ${ATTRIBUTES}`)
  return found.length === 1 ? found[0]?.slice(COOKIE.length + 1) : undefined
}
