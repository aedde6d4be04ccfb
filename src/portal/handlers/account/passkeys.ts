// Giving a passkey another name, and taking one away. Which one is meant is a number in the address, and always looked for among one's own.
import type { Request, Response } from 'express'
import { passkeysOf, removePasskey, renamePasskey } from '../../passkeys.ts'
import { visitOf } from '../../visit.ts'
import { type Context, field } from '../context.ts'
import { demandProof } from '../demand-proof.ts'
import { showMessage } from '../messages.ts'
import { showConfirmChange } from './confirm-change.ts'
import { doneAt, frameOf, methodsOf, SECURITY, type Seen } from './frame.ts'

export const RENAME_PASSKEY = '/account/passkeys/rename'
export const REMOVE_PASSKEY = '/account/passkeys/remove'

interface Meant extends Seen {
  readonly passkey: { readonly id: number; readonly description: string }
}

/** Undefined when the request is answered; somebody else's passkey, like one that never was, is not found. */
async function meant(
  context: Context,
  request: Request,
  response: Response,
  path: string,
  written: unknown,
): Promise<Meant | undefined> {
  const visit = visitOf(request)
  const number = typeof written === 'string' && /^[1-9]\d{0,14}$/.test(written) ? Number(written) : 0
  const visitor = await demandProof(context, request, response, visit, number > 0 ? `${path}?id=${number}` : path)
  if (!visitor) return undefined
  const own = await passkeysOf({ deps: context.deps, visit }, visitor.user.username)
  const passkey = own.find(({ id }) => id === number)
  if (passkey) return { context, request, response, visit, visitor, passkey }
  showMessage(context, request, response, visit, 'not-found')
  return undefined
}

export async function getRenamePasskey(context: Context, request: Request, response: Response): Promise<void> {
  const which = await meant(context, request, response, RENAME_PASSKEY, request.query['id'])
  if (which) showRename(which, which.passkey.description)
}

export async function postRenamePasskey(context: Context, request: Request, response: Response): Promise<void> {
  const which = await meant(context, request, response, RENAME_PASSKEY, field(request, 'id'))
  if (!which) return
  const { visit, visitor, passkey } = which
  const typed = field(request, 'description')
  const { screen, deps } = context
  switch (await renamePasskey({ deps, visit, request }, visitor, passkey.id, typed)) {
    case 'renamed':
      return doneAt(which, SECURITY, 'passkey-renamed')
    case 'not-found':
      return showMessage(context, request, response, visit, 'not-found')
    case 'malformed':
      return showRename(which, typed, screen.text(request, 'register-passkey.name-wrong'))
    case 'description-taken':
      return showRename(which, typed, screen.text(request, 'register-passkey.name-taken'))
  }
}

function showRename(which: Meant, description: string, problem?: string): void {
  const { context, request, response, visit, passkey } = which
  context.screen.show(
    request,
    response,
    visit,
    'rename-passkey',
    { ...frameOf(which, SECURITY, problem), id: String(passkey.id), description },
    { status: problem === undefined ? 200 : 400 },
  )
}

export async function getRemovePasskey(context: Context, request: Request, response: Response): Promise<void> {
  const which = await meant(context, request, response, REMOVE_PASSKEY, request.query['id'])
  if (!which) return
  const { visit, visitor, passkey } = which
  const own = await passkeysOf({ deps: context.deps, visit }, visitor.user.username)
  const isLast = own.length < 2 && (await methodsOf(which)).length < 2
  showConfirmChange(
    which,
    REMOVE_PASSKEY,
    {
      heading: 'account.remove-passkey',
      lead: isLast ? 'account.remove-passkey-last-lead' : 'account.remove-passkey-lead',
    },
    { id: String(passkey.id), subject: passkey.description },
  )
}

export async function postRemovePasskey(context: Context, request: Request, response: Response): Promise<void> {
  const which = await meant(context, request, response, REMOVE_PASSKEY, field(request, 'id'))
  if (!which) return
  const { visit, visitor, passkey } = which
  if (!(await removePasskey({ deps: context.deps, visit, request }, visitor, passkey.id)))
    return showMessage(context, request, response, visit, 'not-found')
  doneAt(which, SECURITY, 'passkey-removed')
}
