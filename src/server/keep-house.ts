// What is done once a minute, and whenever the users changed: sessions of users that are gone, the passwords that are known,
// and records that nobody needs any more.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { rememberPasswords } from './known-passwords.ts'
import type { Services } from './services.ts'
import type { Snapshot } from './snapshot.ts'

/** Sign-in attempts that are kept at most, about; regulation has all that it counts on in any case. Some 30 MB. */
const MOST_ATTEMPTS = 100_000
/** Codes and links that are over; kept a little for whoever looks into what happened. */
const KEEP_PROOFS = 7 * 86_400_000
/** Counters of tries, twice the longest window (login/proof-limits.ts): there is one for each address that ever asked for a link. */
const KEEP_COUNTERS = 2 * 3_600_000
/** A browser or network that nobody has signed in from for so long is a new one again. */
const KEEP_BROWSERS = 400 * 86_400_000

export async function keepHouse(services: Services, current: () => Snapshot, clock: Clock, log: Logger): Promise<void> {
  try {
    await services.sessions.forgetUsers((username) => current().directory.standingOf(username))
    await rememberPasswords(services.storage.settings, current().directory.users)
    const { audit, regulation } = current().config
    const { attempts, browsers, codes, resets, proofAttempts } = services.storage
    const needed = clock.now() - regulation.findTime - regulation.banTime
    await attempts.prune(Math.min(clock.now() - audit.retention, needed))
    await attempts.trim(MOST_ATTEMPTS, needed)
    await browsers.prune(clock.now() - KEEP_BROWSERS)
    for (const kept of [codes, resets]) await kept.prune(clock.now() - KEEP_PROOFS)
    await proofAttempts.prune(clock.now() - KEEP_COUNTERS)
    await services.audit.tidy(audit.retention)
  } catch (error) {
    log.error({ err: error }, 'housekeeping failed; it is tried again in a minute')
  }
}
