// From what is written under `session` to the cookie domains, each with what it inherits.
import type { CompleteConfig } from '../complete.generated.ts'
import type { CookieDomain, SessionConfig } from '../config.ts'
import { formatUrl, isParsed, parseUrl } from '../format/url.ts'
import { milliseconds } from './milliseconds.ts'

type Session = CompleteConfig['session']
type Cookie = NonNullable<Session['cookies']>[number]

/** @param globalTarget `default_redirection_url` of the time before there were several domains */
export function deriveSession(session: Session, globalTarget: string | undefined): SessionConfig {
  const legacy: Cookie[] =
    session.domain === undefined
      ? []
      : [{ domain: session.domain, ...(globalTarget === undefined ? {} : { default_redirection_url: globalTarget }) }]
  const cookies = session.cookies?.length ? session.cookies : legacy
  const { secret, trusted_browser: trusted } = session
  return {
    secret,
    cookies: cookies.map((cookie) => deriveCookie(cookie, session)),
    trustedBrowser: trusted === -1 ? 0 : milliseconds(trusted),
  }
}

function deriveCookie(cookie: Cookie, session: Session): CookieDomain {
  const rememberMe = cookie.remember_me ?? session.remember_me
  return {
    domain: cookie.domain.toLowerCase(),
    portalUrl: portalUrl(cookie.authelia_url),
    defaultRedirectionUrl: cookie.default_redirection_url,
    name: cookie.name ?? session.name,
    sameSite: cookie.same_site ?? session.same_site,
    expiration: milliseconds(cookie.expiration ?? session.expiration),
    inactivity: milliseconds(cookie.inactivity ?? session.inactivity),
    rememberMe: rememberMe === -1 ? 0 : milliseconds(rememberMe),
  }
}

/** With a slash at the end of its path, so that paths can be appended. */
function portalUrl(written: string | undefined): string | undefined {
  if (written === undefined) return undefined
  const url = parseUrl(written)
  if (!isParsed(url)) throw new Error('unvalidated authelia_url')
  return formatUrl({ ...url, host: url.host.toLowerCase(), path: url.path.endsWith('/') ? url.path : `${url.path}/` })
}
