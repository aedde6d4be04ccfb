// Signs a user out everywhere: through the server where one runs, in its database where none does.
import { existsSync } from 'node:fs'
import type { ActionAnswer } from '../../admin/actions.ts'
import { systemClock } from '../../base/clock.ts'
import type { Config } from '../../config/config.ts'
import { openSessions, sessionsPath } from '../../session/open-sessions.ts'
import { locateStorage } from '../../storage/open-storage.ts'
import { callServer } from '../server/admin-client.ts'
import { recordEvents } from '../trail/record-events.ts'

/** @returns how many sessions ended. @throws the Faults of callServer, locateStorage and openSessions */
export async function endSessionsOf({ storage, session }: Config, username: string): Promise<number> {
  const answer = await callServer(storage.path, 'sessions.revoke', { username })
  if (answer.kind === 'answered') return (answer.value as ActionAnswer<'sessions.revoke'> & { kind: 'revoked' }).count
  const path = sessionsPath(locateStorage(storage.path).path)
  if (!existsSync(path)) return 0
  const sessions = await openSessions({ path, secret: session.secret ?? storage.encryptionKey, clock: systemClock })
  try {
    const ended = await sessions.revokeUser(username)
    const event = { kind: 'sessions-ended', username, subject: String(ended), reason: 'by-hand' } as const
    if (ended > 0) await recordEvents(storage, [event])
    return ended
  } finally {
    await sessions.close()
  }
}
