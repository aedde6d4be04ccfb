// Taking one-time codes away from the account.
import type { Request, Response } from 'express'
import { afterChange } from '../../account-change.ts'
import { visitOf } from '../../visit.ts'
import type { Context } from '../context.ts'
import { demandProof } from '../demand-proof.ts'
import { showConfirmChange } from './confirm-change.ts'
import { doneAt, methodsOf, SECURITY } from './frame.ts'

export const REMOVE_TOTP = '/account/one-time-code/remove'

export async function getRemoveTotp(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const visitor = await demandProof(context, request, response, visit, REMOVE_TOTP)
  if (!visitor) return
  const seen = { context, request, response, visit, visitor }
  showConfirmChange(seen, REMOVE_TOTP, {
    heading: 'account.remove-totp',
    lead: (await methodsOf(seen)).length < 2 ? 'account.remove-totp-last-lead' : 'account.remove-totp-lead',
  })
}

export async function postRemoveTotp(context: Context, request: Request, response: Response): Promise<void> {
  const visit = visitOf(request)
  const visitor = await demandProof(context, request, response, visit, REMOVE_TOTP)
  if (!visitor) return
  const { deps } = context
  const { username } = visitor.user
  if (await deps.storage.totp.delete(username)) {
    deps.log.warn({ username, from: visit.clientAddress }, 'one-time codes were removed')
    await afterChange({ deps, visit }, visitor, { kind: 'factor-removed', subject: 'totp' })
  }
  doneAt({ context, request, response, visit }, SECURITY, 'totp-removed')
}
