// "Don't ask again in this browser" on the pages of second factors.
import type { Request, Response } from 'express'
import { forgetOwnCookie, type OwnCookie, ownCookie, setOwnCookie } from '../own-cookie.ts'
import { recordEvent } from '../record-event.ts'
import { trustBrowser } from '../trusted-browser.ts'
import type { Visit } from '../visit.ts'
import { type Context, field } from './context.ts'

const DAY = 86_400_000
const WISH: OwnCookie = { name: '__Host-latchkey_trust', sameSite: 'Lax' }
/** Seconds; longer than anybody waits for a push. */
const WISH_LIFETIME = 300

/** Values of templates/portal/trust-browser.html. */
export function mayTrust({ screen }: Context, request: Request, { settings }: Visit) {
  const days = Math.max(1, Math.round(settings.trustedBrowser / DAY))
  const text = settings.trustedBrowser === 0 ? undefined : screen.text(request, 'second-factor.trust', { count: days })
  return { trustLabel: text }
}

/** For a factor that is asked for by a form and given later: what is wished waits in a cookie, which no link of another site can set. */
export function rememberWish(request: Request, response: Response): void {
  if (field(request, 'trust') === 'yes') setOwnCookie(response, WISH, 'yes', WISH_LIFETIME)
  else if (ownCookie(request, WISH) !== undefined) forgetOwnCookie(response, WISH)
}

/** After a second factor was given: trusts the browser if that is wished, by its form or, where it `mayBeRemembered`, by the one before. */
export async function trustIfWished(
  { deps }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  username: string,
  { mayBeRemembered = false }: { readonly mayBeRemembered?: boolean } = {},
): Promise<void> {
  const isRemembered = mayBeRemembered && ownCookie(request, WISH) === 'yes'
  if (isRemembered) forgetOwnCookie(response, WISH)
  const isWished = isRemembered || field(request, 'trust') === 'yes'
  if (!isWished || !(await trustBrowser(deps, visit, request, response, username))) return
  await recordEvent(deps, visit, { kind: 'browser-trusted', username })
}
