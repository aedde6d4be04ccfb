// What is done once a minute, and whenever the users changed: sessions of users that are gone, and records that nobody needs any more.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Services } from './services.ts'
import type { Snapshot } from './snapshot.ts'

/** Sign-in attempts are of no use to regulation after its longest window; people look back further. */
const KEEP_ATTEMPTS = 90 * 86_400_000

/** A browser or network that nobody has signed in from for so long is a new one again. */
const KEEP_BROWSERS = 400 * 86_400_000

export async function keepHouse(services: Services, current: () => Snapshot, clock: Clock, log: Logger): Promise<void> {
  try {
    await services.sessions.forgetUsers((username) => current().directory.find(username) !== undefined)
    await services.storage.attempts.prune(clock.now() - KEEP_ATTEMPTS)
    await services.storage.browsers.prune(clock.now() - KEEP_BROWSERS)
  } catch (error) {
    log.error({ err: error }, 'housekeeping failed; it is tried again in a minute')
  }
}
