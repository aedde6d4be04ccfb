// Where a person may be sent: the one check against open redirects, used for everything called rd, targetURL or uri. Pure.

export interface RedirectTarget {
  /** The parsed address written anew; this is what is sent, never the input. */
  readonly url: string
  /** Lower case, without port. */
  readonly host: string
  readonly hostWithPort: string
}

/** The scheme and the host must stand there literally: nothing that URL parsers read in different ways (tabs, backslashes, user info, percent signs). */
const PLAIN_HTTPS = /^https:\/\/[a-z0-9._-]+(?::\d{1,5})?(?:[/?#]|$)/i
const MAX_LENGTH = 8192

/**
 * Safe is: https, no user info, a valid port, and a host that is a cookie domain or lies below one.
 * @param cookieDomains lower case, without leading dot
 * @returns undefined when it isn't safe; there is nothing to be learned from why
 */
export function redirectTarget(text: unknown, cookieDomains: readonly string[]): RedirectTarget | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined
  if (/[\x00-\x1f\x7f\\]/.test(text) || !PLAIN_HTTPS.test(text)) return undefined
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined
  const host = url.hostname
  if (!cookieDomains.some((domain) => host === domain || host.endsWith(`.${domain}`))) return undefined
  return { url: url.href, host, hostWithPort: url.host }
}
