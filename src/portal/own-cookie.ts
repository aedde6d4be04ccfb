// Cookies of the portal's host alone (`__Host-`), beside those of the session: what a browser keeps for the portal and no application ever sees.
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface OwnCookie {
  readonly name: `__Host-${string}`
  /** Strict: it comes with requests of the portal's own pages only; Lax: also with that of somebody who follows a link from elsewhere. */
  readonly sameSite: 'Lax' | 'Strict'
}

/** The value that the request brings; undefined when there is none, or more than one: then somebody else has set one of them. */
export function ownCookie(request: IncomingMessage, { name }: OwnCookie): string | undefined {
  const prefix = `${name}=`
  const found = (request.headers.cookie ?? '').split(/; */).filter((pair) => pair.startsWith(prefix))
  return found.length === 1 ? found[0]?.slice(prefix.length) : undefined
}

/** @param value cookie octets (RFC 6265 §4.1.1); @param lifetime seconds */
export const setOwnCookie = (
  response: ServerResponse,
  { name, sameSite }: OwnCookie,
  value: string,
  lifetime: number,
): void =>
  void response.appendHeader(
    'Set-Cookie',
    `${name}=${value}; Path=/; Max-Age=${lifetime}; Secure; HttpOnly; SameSite=${sameSite}`,
  )

export const forgetOwnCookie = (response: ServerResponse, cookie: OwnCookie): void =>
  setOwnCookie(response, cookie, '', 0)
