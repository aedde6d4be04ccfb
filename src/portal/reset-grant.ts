// The cookie in which a browser keeps what it was given for a redeemed link until the new password comes, through the API. It is no session.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { forgetOwnCookie, type OwnCookie, ownCookie, setOwnCookie } from './own-cookie.ts'

const GRANT: OwnCookie = { name: '__Host-latchkey_reset', sameSite: 'Strict' }

/** '' when there is none, or more than one. */
export const grantOf = (request: IncomingMessage): string => ownCookie(request, GRANT) ?? ''

/** @param lifetime milliseconds */
export const keepGrant = (response: ServerResponse, grant: string, lifetime: number): void =>
  setOwnCookie(response, GRANT, grant, Math.ceil(lifetime / 1000))

export const forgetGrant = (response: ServerResponse): void => forgetOwnCookie(response, GRANT)
