// How somebody signs in: password, second factors, which of them is asked for first, recovery codes, and the browsers that are trusted.
import type { Request, Response } from 'express'
import { ceremonyAt, passkeysOf } from '../../passkeys.ts'
import { recordEvent } from '../../record-event.ts'
import { availableMethods } from '../../second-factors.ts'
import { breakableHost } from '../../view/html.ts'
import { wayBackOf } from '../../way-back.ts'
import { type Context, field } from '../context.ts'
import { admitted, deviceText, doneAt, frameOf, methodsOf, momentsFor, SECURITY, type Seen } from './frame.ts'
import { FEW_CODES } from './overview.ts'

export async function getSecurity(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, SECURITY)
  if (seen) await showSecurity(seen)
}

/** Which factor is asked for first. It opens nothing and closes nothing, so no fresh proof is asked for. */
export async function postPreferred(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, SECURITY)
  if (!seen) return
  const method = field(request, 'method')
  const isOffered = availableMethods(seen.visit.settings).some((name) => name === method)
  if (!isOffered)
    return showSecurity(seen, { status: 400, problem: context.screen.text(request, 'account.choose-one') })
  await context.deps.storage.preferences.save(seen.visitor.user.username, { method })
  doneAt(seen, SECURITY, 'preferred')
}

/** Ends the trust in one browser, or in all. What only asks for more asks for no fresh proof. */
export async function postForgetBrowsers(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, SECURITY)
  if (!seen) return
  const { deps, screen } = context
  const { username } = seen.visitor.user
  const chosen = field(request, 'browser')
  const isAll = chosen === 'all'
  // An id that isn't his, whoever's it is, is answered as one that isn't there.
  const { browsers } = deps.storage
  const forgotten = await (isAll ? browsers.distrust(username) : browsers.distrust(username, chosen))
  if (forgotten === 0 && !isAll)
    return showSecurity(seen, { status: 404, problem: screen.text(request, 'account.browser-missing') })
  if (forgotten > 0) {
    await recordEvent(deps, seen.visit, {
      kind: 'browser-forgotten',
      username,
      session: seen.visitor.session.record.key,
      reason: 'owner',
    })
  }
  doneAt(seen, SECURITY, isAll ? 'browsers-forgotten' : 'browser-forgotten')
}

async function showSecurity(
  seen: Seen,
  { status = 200, problem }: { readonly status?: number; readonly problem?: string } = {},
): Promise<void> {
  const { context, request, response, visit, visitor } = seen
  const { deps, screen } = context
  const { settings } = visit
  const { username } = visitor.user
  const text = (key: string, values?: Readonly<Record<string, string | number>>) => screen.text(request, key, values)
  const moment = momentsFor(seen)
  const { target } = wayBackOf(visit, request.query)
  const totp = settings.totpDisabled ? undefined : await deps.storage.totp.find(username)
  const mayAddPasskey = ceremonyAt(visit, request) !== undefined
  // Those of before it was turned off work nowhere, but can be taken away.
  const passkeys = await passkeysOf({ deps, visit }, username)
  const codes = await deps.storage.recovery.find(username)
  const methods = await methodsOf(seen)
  const browsers = await deps.storage.browsers.list(username)
  const now = deps.clock.now()
  const trusted = browsers.filter(({ trustedUntil }) => trustedUntil !== undefined && trustedUntil > now)
  screen.show(
    request,
    response,
    visit,
    'account-security',
    {
      ...frameOf(seen, SECURITY, problem),
      goOnTo: target && { url: target.url, name: breakableHost(target.hostWithPort) },
      mayChangePassword: !settings.passwordChangeDisabled,
      hasNoFactor: methods.length === 0,
      passkeys: passkeys.map(({ id, description, cloneWarning, createdAt, lastUsedAt }) => ({
        id: String(id),
        name: description,
        cloneWarning,
        since: moment(createdAt),
        lastUsed: lastUsedAt === undefined ? undefined : moment(lastUsedAt),
      })),
      mayAddPasskey,
      addPasskeyLabel: text(passkeys.length > 0 ? 'account-security.another-passkey' : 'account-security.passkeys'),
      mayHaveTotp: !settings.totpDisabled,
      totp: totp && {
        since: moment(totp.createdAt),
        lastUsed: totp.lastUsedAt === undefined ? undefined : moment(totp.lastUsedAt),
      },
      hasPreference: methods.length > 1,
      preferences: methods.map(({ name, setUpLabel }, index) => ({
        value: name,
        label: text(setUpLabel),
        // The first is what is asked for first.
        isChosen: index === 0,
      })),
      codes: codes && {
        since: moment(codes.createdAt),
        left: text('account.codes-left', { count: codes.left }),
        warning:
          codes.left === 0
            ? text('account.codes-none-left')
            : codes.left < FEW_CODES
              ? text('account.codes-few-left')
              : undefined,
      },
      mayMakeCodes: codes !== undefined || methods.length > 0,
      hasTrusted: trusted.length > 0,
      mayTrust: settings.trustedBrowser > 0 || trusted.length > 0,
      trusted: trusted.map(({ id, userAgent, network, lastSeen, trustedUntil }) => ({
        id,
        device: deviceText(seen, userAgent),
        network,
        lastSeen: moment(lastSeen),
        until: moment(trustedUntil ?? now),
      })),
    },
    { status },
  )
}
