// The rule against cross-site requests: did this request come from a page of the portal itself? Pure; who answers how is the caller's matter.
import type { IncomingHttpHeaders } from 'node:http'

/** `unproven`: neither header was sent. */
export type RequestSource = 'portal' | 'elsewhere' | 'unproven'

/**
 * Sec-Fetch-Site where the browser sends it (Fetch Metadata; a page can't forge it), else Origin (RFC 6454). `same-site` is elsewhere: an
 * application under the same cookie domain is not the portal. `none` (typed, bookmarked) is elsewhere too: nobody types a form post.
 * @param expectedOrigin origin of the portal as a browser writes it, `https://auth.example.com[:port]`
 */
export function requestSource(headers: IncomingHttpHeaders, expectedOrigin: string): RequestSource {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' ? 'portal' : 'elsewhere'
  const origin = headers.origin
  if (origin !== undefined) return origin === expectedOrigin ? 'portal' : 'elsewhere'
  return 'unproven'
}

/** Any page can send a form, so one of the two headers must prove that it was ours. */
export const mayPostForm = (headers: IncomingHttpHeaders, expectedOrigin: string): boolean =>
  requestSource(headers, expectedOrigin) === 'portal'

/** A page elsewhere can't send `application/json` without a preflight, which is never granted: without both headers it isn't a browser. */
export const mayPostJson = (headers: IncomingHttpHeaders, expectedOrigin: string): boolean =>
  requestSource(headers, expectedOrigin) !== 'elsewhere'
