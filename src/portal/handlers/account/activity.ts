// What was tried to sign in to the account lately, with and without success, from the record of attempts.
import type { Request, Response } from 'express'
import type { AttemptRow } from '../../../storage/attempts.ts'
import { networkText } from '../../view/network.ts'
import type { Context } from '../context.ts'
import { ACTIVITY, admitted, deviceText, frameOf, momentsFor } from './frame.ts'

/** Of each, so that however many failures somebody causes, they push no success off the page. */
const SHOWN = 30

const FACTOR_TEXTS: Readonly<Record<AttemptRow['kind'], string>> = {
  '1FA': 'account.by-password',
  TOTP: 'account.by-totp',
  WebAuthn: 'account.by-webauthn',
  Passkey: 'account.by-passkey',
  Duo: 'account.by-duo',
  Recovery: 'account.by-recovery',
}

export async function getActivity(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, ACTIVITY)
  if (!seen) return
  const { deps, screen } = context
  const moment = momentsFor(seen)
  const { username } = seen.visitor.user
  const list = (successful: boolean) => deps.storage.attempts.list({ username, successful }, SHOWN)
  const [successes, failures] = await Promise.all([list(true), list(false)])
  const attempts = [...successes, ...failures].sort((a, b) => b.time - a.time || b.id - a.id)
  screen.show(request, response, seen.visit, 'account-activity', {
    ...frameOf(seen, ACTIVITY),
    hasAttempts: attempts.length > 0,
    attempts: attempts.map(({ time, successful, banned, kind, remoteAddress, requestUri, userAgent }) => ({
      factor: screen.text(request, FACTOR_TEXTS[kind]),
      isSuccess: successful,
      isFailure: !successful && !banned,
      isBanned: banned,
      network: networkText(remoteAddress),
      place: URL.parse(requestUri)?.host,
      device: userAgent === '' ? undefined : deviceText(seen, userAgent),
      when: moment(time),
    })),
    omitted: failures.length === SHOWN ? screen.text(request, 'account-activity.omitted', { count: SHOWN }) : undefined,
  })
}
