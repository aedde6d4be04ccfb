// Records in the trail what a command did elsewhere than in the stores: through the server where one runs, in its database where none does. Where
// there is no database yet there is no trail either.
import type { CommandEvent } from '../../admin/events.ts'
import { Fault } from '../../base/fault.ts'
import { actIfThere, type StoresPlace } from '../storage/act-on-stores.ts'

/** Events that are sent in one question. */
const BATCH = 1000

/** What was done stays done: a failure is said on standard error, and thrown only where it is a bug. */
export async function recordEvents(place: StoresPlace, events: readonly CommandEvent[]): Promise<void> {
  try {
    for (let at = 0; at < events.length; at += BATCH)
      await actIfThere(place, 'events.record', { events: events.slice(at, at + BATCH) })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    process.stderr.write(`It is done, but could not be recorded among the security events: ${error.message}\n`)
  }
}
