// Checks of session: cookie domains, the portal's address within each, and how they lie to each other.
import { getPublicSuffix } from 'tldts'
import { parseIpAddress } from '../../base/ip-address.ts'
import type { CompleteConfig } from '../complete.generated.ts'
import { parseDuration } from '../format/duration.ts'
import { isParsed, type ParsedUrl, parseUrl } from '../format/url.ts'
import { type Pointer, step } from '../places.ts'
import type { Report } from '../report.ts'
import type { CheckContext } from './context.ts'

type Cookie = NonNullable<CompleteConfig['session']['cookies']>[number]

export function checkSession({ config, report }: CheckContext): void {
  const { session, default_redirection_url: globalTarget } = config
  const cookies = session.cookies ?? []
  if (session.domain !== undefined) {
    if (cookies.length > 0) {
      report.error('conflict', '/session/domain', 'must not be combined with session.cookies', 'Remove session.domain.')
    } else {
      report.warning(
        'deprecated-key',
        '/session/domain',
        'is deprecated',
        'Write session.cookies with an authelia_url.',
      )
      const isUsable = checkDomain(session.domain, '/session/domain', report)
      if (isUsable) checkTarget(globalTarget, session.domain, undefined, '/default_redirection_url', report)
    }
  } else if (cookies.length === 0) {
    report.missing('/session/cookies', 'is required', 'List at least one domain with its authelia_url.')
  }
  if (globalTarget !== undefined && cookies.length > 0) {
    const hint = 'Write default_redirection_url in the entries of session.cookies.'
    report.error('conflict', '/default_redirection_url', 'must not be combined with session.cookies', hint)
  }
  for (const [index, cookie] of cookies.entries()) {
    checkCookie(cookie, cookies.slice(0, index), step('/session/cookies', index), report)
  }
  checkName(session.name, '/session/name', report)
  warnAboutNames(cookies, session.name, report)
  warnAboutTimes(cookies, session, report)
  if (session.secret !== undefined && session.secret.length < 32) {
    report.warning('short-secret', '/session/secret', 'is short', 'Use 64 random characters.')
  }
}

function checkCookie(cookie: Cookie, earlier: readonly Cookie[], at: Pointer, report: Report): void {
  const { domain } = cookie
  if (domain === undefined) return // reported by the validator
  checkName(cookie.name, `${at}/name`, report)
  const isUsable = checkDomain(domain, `${at}/domain`, report)
  const other = earlier.find((known) => covers(known.domain ?? '', domain))
  if (other) {
    const hint = 'One cookie of the parent domain covers both; or list the sub-domain first.'
    report.error('overlapping-domains', `${at}/domain`, `${domain} lies within ${other.domain}, listed before it`, hint)
  }
  if (cookie.authelia_url === undefined) {
    report.missing(`${at}/authelia_url`, 'is required', `The portal's address, e.g. https://auth.${domain}`)
  } else if (isUsable) {
    checkUrl(cookie.authelia_url, domain, `${at}/authelia_url`, report)
  }
  if (!isUsable) return
  const target = cookie.default_redirection_url
  checkTarget(target, domain, cookie.authelia_url, `${at}/default_redirection_url`, report)
}

function checkTarget(
  target: string | undefined,
  domain: string,
  portal: string | undefined,
  at: Pointer,
  report: Report,
): void {
  if (target === undefined) return
  checkUrl(target, domain, at, report)
  if (portal !== undefined && sameAddress(parseUrl(target), parseUrl(portal))) {
    report.error('same-as-portal', at, 'must not be the portal itself', 'Remove it; the portal shows where one can go.')
  }
}

function checkUrl(text: string, domain: string, at: Pointer, report: Report): void {
  const url = parseUrl(text)
  if (!isParsed(url)) return // reported by the format
  if (url.scheme === '')
    report.error('wrong-value', at, `must be a whole address (https://…), not ${JSON.stringify(text)}`)
  else if (url.scheme !== 'https' && url.scheme !== 'wss') {
    report.error('insecure-scheme', at, `must begin with https://, not ${url.scheme}://`)
  }
  if (url.scheme !== '' && !covers(domain, url.hostname.toLowerCase())) {
    report.error('outside-domain', at, `must lie at or below ${domain}, not at ${JSON.stringify(url.hostname)}`)
  }
}

const LABELS = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/

/** Returns whether browsers keep a cookie for it. */
function checkDomain(domain: string, at: Pointer, report: Report): boolean {
  const wrong = domainError(domain)
  if (wrong) report.error('wrong-domain', at, wrong.message, wrong.hint)
  return wrong === undefined
}

/** Why browsers keep no cookie for it; undefined when they do. The message continues the name of the key. */
export function domainError(domain: string): { readonly message: string; readonly hint?: string } | undefined {
  if (parseIpAddress(domain)) return undefined
  const quoted = JSON.stringify(domain)
  if (domain.startsWith('*.'))
    return { message: `must be the domain itself, not ${quoted}`, hint: `Write ${domain.slice(2)}.` }
  if (domain.startsWith('.')) return { message: 'must not begin with a dot', hint: `Write ${domain.slice(1)}.` }
  if (/:\d+$/.test(domain)) return { message: 'must not have a port', hint: `Write ${domain.replace(/:\d+$/, '')}.` }
  if (!domain.includes('.')) return { message: `${quoted} needs at least one dot: browsers keep no cookie for it` }
  const lower = domain.toLowerCase()
  if (!LABELS.test(lower)) return { message: `${quoted} is no cookie domain` }
  if (lower !== domain) return { message: `${quoted} must be in lower case`, hint: `Write ${lower}.` }
  if (getPublicSuffix(domain, { allowPrivateDomains: true }) !== domain) return undefined
  const hint = `Use a domain below it, e.g. me.${domain}.`
  return { message: `${domain} is a public suffix: browsers keep no cookie for it`, hint }
}

/** RFC 6265 section 4.1.1: a token. A name with the prefix `__Host-` is for one host, and this cookie is for a domain. */
function checkName(name: string | undefined, at: Pointer, report: Report): void {
  if (name === undefined) return
  if (!/^[\w!#$%&'*+\-.^`|~]+$/.test(name)) {
    report.error(
      'wrong-cookie-name',
      at,
      `${JSON.stringify(name)} is no name of a cookie`,
      'Use letters, digits, - and _.',
    )
  } else if (/^__host-/i.test(name)) {
    report.error('wrong-cookie-name', at, 'must not begin with __Host-: browsers keep no such cookie for a domain')
  }
}

function warnAboutTimes(cookies: readonly Cookie[], session: CompleteConfig['session'], report: Report): void {
  const pairs = [
    { at: '/session', times: session },
    ...cookies.map((cookie, index) => ({ at: step('/session/cookies', index), times: cookie })),
  ]
  for (const { at, times } of pairs) {
    if (times.inactivity === undefined && times.expiration === undefined) continue
    const inactivity = parseDuration(times.inactivity ?? session.inactivity) ?? 0
    const expiration = parseDuration(times.expiration ?? session.expiration) ?? 0
    if (inactivity > expiration)
      report.warning('odd-value', at, 'has an inactivity longer than its expiration, which is never reached')
  }
}

function warnAboutNames(cookies: readonly Cookie[], common: string, report: Report): void {
  for (const [index, cookie] of cookies.entries()) {
    const at = step('/session/cookies', index)
    const parent = cookies.slice(index + 1).find((other) => covers(other.domain ?? '', cookie.domain ?? ''))
    if (parent && (parent.name ?? common) === (cookie.name ?? common)) {
      const message = `and ${parent.domain} have cookies of one name, and a browser sends both to ${cookie.domain}`
      report.warning('same-cookie-name', at, message, 'Give one of them another name.')
    }
  }
}

/** `host` is `domain` or lies below it. */
const covers = (domain: string, host: string): boolean =>
  domain !== '' && (host === domain.toLowerCase() || host.endsWith(`.${domain.toLowerCase()}`))

function sameAddress(a: ParsedUrl | string, b: ParsedUrl | string): boolean {
  if (!isParsed(a) || !isParsed(b)) return false
  const host = (url: ParsedUrl): string => url.host.toLowerCase()
  return (
    a.scheme === b.scheme &&
    host(a) === host(b) &&
    a.path === b.path &&
    a.query === b.query &&
    a.fragment === b.fragment
  )
}
