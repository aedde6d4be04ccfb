// Addresses of our pages as they stand in mails: made from the configured address of the portal only, never from what a request said of its host.
import type { CookieDomain } from '../config/config.ts'
import type { ResetLinks } from '../login/password-reset.ts'

export const revokeCodePath = '/revoke/one-time-code'
/** Authelia's addresses. */
const resetPath = '/reset-password/step2'
export const revokeResetPath = '/revoke/reset-password'

type Portal = Pick<CookieDomain, 'portalUrl'>

/** @param path of our own page, without base path. @throws Error where no portal URL is configured; whoever mails has looked */
export function portalLink({ portalUrl }: Portal, path: string, query: Readonly<Record<string, string>>): string {
  if (portalUrl === undefined) throw new Error('a link is made where no portal URL is configured')
  const url = new URL(path.slice(1), portalUrl)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url.href
}

/** Where somebody looks after his account; of a domain without portal URL only the domain is known. */
export const accountLink = ({ portalUrl, domain }: Pick<CookieDomain, 'portalUrl' | 'domain'>): string =>
  portalUrl === undefined ? `https://${domain}/` : portalLink({ portalUrl }, '/account/security', {})

export const resetLinksOf = (portal: Portal): ResetLinks => ({
  resetUrl: (token) => portalLink(portal, resetPath, { token }),
  revokeUrl: (token) => portalLink(portal, revokeResetPath, { token }),
})
