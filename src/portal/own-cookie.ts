// Cookies of the portal's host alone (`__Host-`), beside those of the session: what a browser keeps for the portal and no application ever sees.
import type { IncomingMessage } from 'node:http'

/** The value of this name; undefined when there is none, or more than one: then somebody else has set one of them. */
export function ownCookie(request: IncomingMessage, name: `__Host-${string}`): string | undefined {
  const prefix = `${name}=`
  const found = (request.headers.cookie ?? '').split(/; */).filter((pair) => pair.startsWith(prefix))
  return found.length === 1 ? found[0]?.slice(prefix.length) : undefined
}

/** A Set-Cookie line. @param lifetime seconds; 0 deletes it */
export const ownCookieLine = (name: `__Host-${string}`, value: string, lifetime: number): string =>
  `${name}=${value}; Path=/; Max-Age=${lifetime}; Secure; HttpOnly; SameSite=Lax`
