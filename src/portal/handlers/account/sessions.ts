// Where somebody is signed in, and ending it. Ending sessions asks for no fresh proof: it gives nobody anything, and whoever fears an intruder must
// be quick. The portal's own cookie and a form of ours are needed all the same.
import type { Request, Response } from 'express'
import { recordEvent } from '../../record-event.ts'
import { networkText } from '../../view/network.ts'
import { type Context, field, seeOther } from '../context.ts'
import { admitted, deviceText, doneAt, frameOf, momentsFor, SESSIONS, type Seen } from './frame.ts'

/** As many as somebody looks through; ending all others ends those beyond, too. */
const MOST = 100

export async function getSessions(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, SESSIONS)
  if (seen) await showSessions(seen)
}

/** An id that isn't his, whoever's it is, is answered as one that isn't there. */
export async function postEndSession(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, SESSIONS)
  if (!seen) return
  const { deps, screen } = context
  const { visit, visitor } = seen
  const key = field(request, 'session')
  const own = await deps.sessions.list({ username: visitor.user.username })
  // Asked of the list, and compared as a whole: a part of a key names nothing here.
  if (!own.some((session) => session.key === key) || !(await deps.sessions.revoke(key)))
    return showSessions(seen, { status: 404, problem: screen.text(request, 'account.session-missing') })
  await recordEvent(deps, visit, {
    kind: 'session-ended',
    username: visitor.user.username,
    session: key,
    reason: 'owner',
  })
  if (key !== visitor.session.record.key) return doneAt(seen, SESSIONS, 'session-ended')
  await deps.sessions.end(request, response, visit.domain)
  seeOther(request, response, '/logout?done=sign-out')
}

export async function postEndOthers(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, SESSIONS)
  if (!seen) return
  const { deps } = context
  const { username } = seen.visitor.user
  const { key } = seen.visitor.session.record
  const ended = await deps.sessions.revokeUser(username, { key })
  if (ended > 0) {
    await recordEvent(deps, seen.visit, {
      kind: 'sessions-ended',
      username,
      session: key,
      reason: 'owner',
    })
  }
  doneAt(seen, SESSIONS, 'sessions-ended')
}

async function showSessions(
  seen: Seen,
  { status = 200, problem }: { readonly status?: number; readonly problem?: string } = {},
): Promise<void> {
  const { context, request, response, visit, visitor } = seen
  const { deps, screen } = context
  const here = visitor.session.record.key
  const moment = momentsFor(seen)
  const all = await deps.sessions.list({ username: visitor.user.username })
  // This one first, then those used last.
  const shown = all
    .toSorted(
      (one, other) => Number(other.key === here) - Number(one.key === here) || other.lastSeenAt - one.lastSeenAt,
    )
    .slice(0, MOST)
  const several = new Set(all.map(({ domain }) => domain)).size > 1
  screen.show(
    request,
    response,
    visit,
    'account-sessions',
    {
      ...frameOf(seen, SESSIONS, problem),
      sessions: shown.map((session) => ({
        key: session.key,
        device: deviceText(seen, session.userAgent),
        network: networkText(session.address),
        domain: several ? session.domain : undefined,
        isHere: session.key === here,
        firstSeen: moment(session.createdAt),
        lastSeen: moment(session.lastSeenAt),
      })),
      hasOthers: all.some(({ key }) => key !== here),
    },
    { status },
  )
}
