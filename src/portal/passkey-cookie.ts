// Keeps the ticket of a passkey sign-in in the browser that began it, for five minutes.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PASSKEY_LIFESPAN } from '../login/webauthn/passkey-ticket.ts'
import { forgetOwnCookie, type OwnCookie, ownCookie, setOwnCookie } from './own-cookie.ts'

const TICKET: OwnCookie = { name: '__Host-latchkey_passkey', sameSite: 'Strict' }

export const keepTicket = (response: ServerResponse, ticket: string): void =>
  setOwnCookie(response, TICKET, ticket, PASSKEY_LIFESPAN / 1000)

/** Undefined when there is none, or more than one. The browser forgets it: it is of no use any more. */
export function takeTicket(request: IncomingMessage, response: ServerResponse): string | undefined {
  if (request.headers.cookie?.includes(TICKET.name)) forgetOwnCookie(response, TICKET)
  return ownCookie(request, TICKET)
}
