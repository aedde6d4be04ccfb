// A passcode of Duo's instead of a push: of its app, a token, or given out by its administrator.
import type { Request, Response } from 'express'
import { type Context, formOf } from '../context.ts'
import { factorValues } from '../factor-page.ts'
import { showTooMany } from '../messages.ts'
import { mayTrust } from '../trust.ts'
import { showClosed } from './device.ts'
import { type Asking, accept, askingOf, asksDuoTooOften, showRefusedPush, typed } from './push.ts'

export async function getPasscode(context: Context, request: Request, response: Response): Promise<void> {
  const asking = await askingOf(context, request, response, request.query)
  if (!asking || asksDuoTooOften(context, request, response, asking.visit)) return
  const offer = await context.deps.duo.offer(asking.who)
  if (offer.kind !== 'devices') return showClosed(context, request, response, asking, offer)
  if (!offer.passcodes) return showRefusedPush(context, request, response, asking, 'no-second-factor')
  showPasscode(context, request, response, asking)
}

export async function postPasscode(context: Context, request: Request, response: Response): Promise<void> {
  const asking = await askingOf(context, request, response, formOf(request))
  if (!asking || asksDuoTooOften(context, request, response, asking.visit)) return
  const again = (status: number, text: string): void =>
    showPasscode(context, request, response, asking, { status, problem: context.screen.text(request, text) })

  const passcode = typed(request, 'passcode')
  if (passcode.trim() === '') return again(400, 'push-passcode.incomplete')
  const outcome = await context.deps.duo.passcode(asking.who, passcode)
  switch (outcome.kind) {
    case 'accepted':
      return accept(context, request, response, asking, 'passcode')
    case 'throttled':
      return showTooMany(context, request, response, asking.visit, outcome.retryAfterSeconds)
    case 'refused':
      return outcome.reason === 'wrong-code' || outcome.reason === 'malformed'
        ? again(403, 'push-passcode.refused')
        : showRefusedPush(context, request, response, asking, outcome.reason)
  }
}

function showPasscode(
  context: Context,
  request: Request,
  response: Response,
  { visit, visitor, way, goOn }: Asking,
  { status = 200, problem }: { readonly status?: number; readonly problem?: string } = {},
): void {
  context.screen.show(
    request,
    response,
    visit,
    'push-passcode',
    {
      ...factorValues(context, request, visitor, 'mobile_push', way, { problem, goOn }),
      ...mayTrust(context, request, visit),
    },
    { status },
  )
}
