// Who asks for a signature: the portal of a cookie domain, as it is configured. Nothing of it comes from a request.
import type { CookieDomain } from '../../config/config.ts'

export interface RelyingParty {
  /** Host of the portal, without port; passkeys are made for it and are of no use at any other. */
  readonly id: string
  /** As a browser writes it: scheme, host, and the port where it isn't the usual one. */
  readonly origin: string
}

/** Undefined where the configuration names no portal (the old `session.domain`): then there is nothing to bind a passkey to. */
export function relyingPartyOf({ portalUrl }: Pick<CookieDomain, 'portalUrl'>): RelyingParty | undefined {
  const url = portalUrl === undefined ? null : URL.parse(portalUrl)
  return url === null || url.protocol !== 'https:' ? undefined : { id: url.hostname, origin: url.origin }
}
