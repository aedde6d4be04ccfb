// Records in the trail what a command did elsewhere than in the stores: through the server where one runs, in its database where none does. Where
// there is no database yet there is no trail either.
import { ACTIONS } from '../../admin/actions.ts'
import type { CommandEvent } from '../../admin/events.ts'
import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { detectDatabase } from '../../storage/detect-database.ts'
import { locateStorage, openStorage } from '../../storage/open-storage.ts'
import { callServer } from '../server/admin-client.ts'
import { withoutSessions } from '../storage/without-sessions.ts'
import { commandTrail } from './command-trail.ts'

/** Events that are sent in one question. */
const BATCH = 1000

/** What was done stays done: a failure is said on standard error, and thrown only where it is a bug. */
export async function recordEvents(
  place: { readonly path: string; readonly encryptionKey: string },
  events: readonly CommandEvent[],
): Promise<void> {
  try {
    for (let at = 0; at < events.length; at += BATCH) await send(place, { events: events.slice(at, at + BATCH) })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    process.stderr.write(`It is done, but could not be recorded among the security events: ${error.message}\n`)
  }
}

async function send(
  { path, encryptionKey }: { readonly path: string; readonly encryptionKey: string },
  params: { readonly events: readonly CommandEvent[] },
): Promise<void> {
  const answer = await callServer(path, 'events.record', params)
  if (answer.kind === 'answered' || detectDatabase(locateStorage(path).path) !== 'latchkey') return
  const clock = systemClock
  const storage = await openStorage({ path, encryptionKey, clock })
  try {
    const services = { storage, sessions: withoutSessions, audit: commandTrail(storage, clock), clock }
    await ACTIONS['events.record'](services, params)
  } finally {
    await storage.close()
  }
}
