// Making recovery codes and taking them away. The new ones are the answer to the form itself, this once: nobody keeps them in the clear, not even
// for the moment between a form and the page after it.
import type { Request, Response } from 'express'
import { newRecoveryCodes, readRecoveryCode } from '../../../login/recovery-code.ts'
import { afterChange } from '../../account-change.ts'
import { visitOf } from '../../visit.ts'
import { type Context, field, seeOther } from '../context.ts'
import { demandProof } from '../demand-proof.ts'
import { showConfirmChange } from './confirm-change.ts'
import { doneAt, frameOf, methodsOf, SECURITY } from './frame.ts'

export const NEW_CODES = '/account/recovery-codes'
export const REMOVE_CODES = '/account/recovery-codes/remove'

/** Says what will happen; making them takes a form. */
export async function getNewCodes(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const visitor = await demandProof(context, request, response, visit, NEW_CODES)
  if (!visitor) return
  const { deps, screen } = context
  const seen = { context, request, response, visit, visitor }
  const before = await deps.storage.recovery.find(visitor.user.username)
  // Codes stand in for another factor; who has none has nothing that they could stand in for.
  if (!before && (await methodsOf(seen)).length === 0) return seeOther(request, response, SECURITY)
  screen.show(request, response, visit, 'recovery-codes-make', {
    ...frameOf(seen, SECURITY),
    replaces: before !== undefined,
    made: String(before?.createdAt ?? ''),
  })
}

export async function postNewCodes(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const visitor = await demandProof(context, request, response, visit, NEW_CODES)
  if (!visitor) return
  const { deps, screen } = context
  const { user, session } = visitor
  const seen = { context, request, response, visit, visitor }
  const before = await deps.storage.recovery.find(user.username)
  if (!before && (await methodsOf(seen)).length === 0) return seeOther(request, response, SECURITY)
  // A form that is sent again by a reload of the page would make the codes worthless that were just written down.
  if (field(request, 'made') !== String(before?.createdAt ?? '')) return seeOther(request, response, NEW_CODES)
  const codes = newRecoveryCodes()
  const now = deps.clock.now()
  await deps.storage.recovery.save(
    user.username,
    codes.flatMap((code) => readRecoveryCode(code) ?? []),
    now,
  )
  await afterChange({ deps, visit }, { session, user }, { kind: 'recovery-codes-made', subject: 'recovery' })
  const file = [
    screen.text(request, 'recovery-codes.file', { host: visit.host, username: user.username }),
    '',
    ...codes,
  ]
  screen.show(request, response, visit, 'recovery-codes', {
    ...frameOf(seen, SECURITY),
    codes: codes.map((code) => ({ code })),
    fileUrl: `data:text/plain;charset=utf-8,${encodeURIComponent(`${file.join('\r\n')}\r\n`)}`,
    fileName: `recovery-codes-${visit.host}.txt`,
    account: `${user.username} · ${visit.host}`,
  })
}

export async function getRemoveCodes(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const visitor = await demandProof(context, request, response, visit, REMOVE_CODES)
  if (!visitor) return
  showConfirmChange({ context, request, response, visit, visitor }, REMOVE_CODES, {
    heading: 'account.remove-codes',
    lead: 'account.remove-codes-lead',
  })
}

export async function postRemoveCodes(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const visitor = await demandProof(context, request, response, visit, REMOVE_CODES)
  if (!visitor) return
  const { deps } = context
  if (await deps.storage.recovery.delete(visitor.user.username))
    await afterChange({ deps, visit }, visitor, { kind: 'recovery-codes-removed', subject: 'recovery' })
  doneAt({ context, request, response, visit }, SECURITY, 'codes-removed')
}
