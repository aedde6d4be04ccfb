// Where a sign-in through the API is to lead: what the body says, and what the visit knows.
import type { Destination } from '../../login/flow.ts'
import type { Visit } from '../visit.ts'

export const destinationOf = (
  { domain, clientAddress, userAgent }: Visit,
  { targetURL, requestMethod }: { readonly targetURL: string; readonly requestMethod: string },
): Destination => ({
  targetUrl: targetURL === '' ? undefined : targetURL,
  requestMethod,
  defaultRedirectionUrl: domain.defaultRedirectionUrl,
  clientAddress,
  userAgent,
})
