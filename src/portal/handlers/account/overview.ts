// The account at a glance: each line says how one thing stands and leads to where it is changed.
import type { Request, Response } from 'express'
import { baseOf } from '../../view/screen.ts'
import type { Context } from '../context.ts'
import { ACCOUNT, ACTIVITY, admitted, frameOf, methodsOf, momentsFor, SECURITY, SESSIONS } from './frame.ts'

/** How far back failures are worth a word (milliseconds). */
const LATELY = 7 * 86_400_000
const MOST = 200
/** Fewer recovery codes than these are a reason to make new ones. */
export const FEW_CODES = 3

export async function getAccount(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, ACCOUNT)
  if (!seen) return
  const { deps, screen } = context
  const { user } = seen.visitor
  const { username } = user
  const text = (key: string, values?: Readonly<Record<string, string | number>>) => screen.text(request, key, values)
  const now = deps.clock.now()
  const methods = await methodsOf(seen)
  const codes = await deps.storage.recovery.find(username)
  const sessions = await deps.sessions.list({ username })
  const attempts = await deps.storage.attempts.list({ username, since: now - LATELY }, MOST)
  const failures = attempts.filter(({ successful }) => !successful).length
  const [last] = attempts.filter(({ successful }) => successful).slice(1)
  const moment = momentsFor(seen)
  const line = (path: string, label: string, state: string, isWarning = false) => ({
    url: baseOf(request) + path,
    label: text(label),
    state,
    isWarning,
  })
  const displayName = user.displayName || username
  screen.show(request, response, seen.visit, 'account', {
    ...frameOf(seen, ACCOUNT),
    initial: (displayName.match(/\p{L}|\p{N}/u)?.[0] ?? '•').toUpperCase(),
    displayName,
    username,
    email: user.emails[0],
    lines: [
      line(
        SECURITY,
        'account.second-factor',
        methods.length > 0 ? methods.map(({ setUpLabel }) => text(setUpLabel)).join(', ') : text('account.no-factor'),
        methods.length === 0,
      ),
      ...(methods.length > 0 || codes !== undefined
        ? [
            line(
              SECURITY,
              'account.recovery-codes',
              codes === undefined ? text('account.no-codes') : text('account.codes-left', { count: codes.left }),
              (codes?.left ?? 0) < FEW_CODES,
            ),
          ]
        : []),
      line(SESSIONS, 'account.sessions', text('account.sessions-count', { count: sessions.length })),
      line(
        ACTIVITY,
        'account.activity',
        failures > 0
          ? text('account.failures-lately', { count: failures })
          : last
            ? text('account.last-sign-in', { when: moment(last.time).near })
            : text('account.no-failures'),
        failures > 0,
      ),
    ],
  })
}
