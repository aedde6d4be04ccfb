// The cookie in which a browser keeps what it was given for a redeemed link until the new password comes, through the API: of the portal's host alone,
// sent by none but its own pages, and no session.
import type { IncomingMessage, ServerResponse } from 'node:http'

const NAME = '__Host-latchkey_reset'
const line = (value: string, expires: number): string =>
  `${NAME}=${value}; Path=/; Expires=${new Date(expires).toUTCString()}; HttpOnly; Secure; SameSite=Strict`

/** '' when there is none, or more than one. */
export function grantOf({ headers }: IncomingMessage): string {
  const values = (headers.cookie ?? '').split(/; */).filter((pair) => pair.startsWith(`${NAME}=`))
  return values.length === 1 ? (values[0] ?? '').slice(NAME.length + 1) : ''
}

export const keepGrant = (response: ServerResponse, grant: string, expiresAt: number): void =>
  void response.appendHeader('Set-Cookie', line(grant, expiresAt))

export const forgetGrant = (response: ServerResponse): void => void response.appendHeader('Set-Cookie', line('', 0))
