// Where a person may be sent: the one check against open redirects, used for everything called rd, targetURL or uri. Pure.
import { isRequestUri } from './request-uri.ts'

export interface RedirectTarget {
  /** What is sent: the text as it came when every character of it is one that all parsers read alike (RFC 3986), else the parsed address written anew. */
  readonly url: string
  /** Lower case, without port. */
  readonly host: string
  readonly hostWithPort: string
}

/** `unparsable` and `unsafe` differ in what `/api/checks/safe-redirection` answers, in nothing else. */
export type TargetJudgement =
  | { readonly kind: 'safe'; readonly target: RedirectTarget }
  | { readonly kind: 'unsafe' | 'unparsable' }

/** The scheme and the host must stand there literally: nothing that URL parsers read in different ways (tabs, backslashes, user info, percent signs). */
const PLAIN_HTTPS = /^https:\/\/[a-z0-9._-]+(?::0*[1-9]\d{0,4})?(?:[/?#]|$)/i
const RFC_3986 = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/
const MAX_LENGTH = 8192

/**
 * Safe is: https, no user info, a valid port, and a host that is a cookie domain or lies below one.
 * @param cookieDomains lower case, without leading dot
 */
export function judgeTarget(text: string, cookieDomains: readonly string[]): TargetJudgement {
  if (!isRequestUri(text)) return { kind: 'unparsable' }
  if (text.length > MAX_LENGTH || /[\x00-\x1f\x7f\\]/.test(text) || !PLAIN_HTTPS.test(text)) return { kind: 'unsafe' }
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return { kind: 'unsafe' }
  const host = url.hostname
  if (!cookieDomains.some((domain) => host === domain || host.endsWith(`.${domain}`))) return { kind: 'unsafe' }
  return {
    kind: 'safe',
    target: { url: RFC_3986.test(text) ? text : url.href, host, hostWithPort: url.host },
  }
}

/** The target when it is safe; undefined for everything else, whatever its type. */
export function redirectTarget(text: unknown, cookieDomains: readonly string[]): RedirectTarget | undefined {
  if (typeof text !== 'string') return undefined
  const judgement = judgeTarget(text, cookieDomains)
  return judgement.kind === 'safe' ? judgement.target : undefined
}
