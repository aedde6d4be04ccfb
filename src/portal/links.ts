// Addresses of our pages as they stand in mails: made from the configured address of the portal only, never from what a request said of its host.
import type { CookieDomain } from '../config/config.ts'

export const revokeCodePath = '/revoke/one-time-code'

/** @param path of our own page, without base path. @throws Error where no portal URL is configured; whoever mails has looked */
export function portalLink(
  { portalUrl }: Pick<CookieDomain, 'portalUrl'>,
  path: string,
  query: Readonly<Record<string, string>>,
): string {
  if (portalUrl === undefined) throw new Error('a link is made where no portal URL is configured')
  const url = new URL(path.slice(1), portalUrl)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url.href
}
