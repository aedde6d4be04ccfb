// What a name that is given anew still has from somebody before: his passkeys, codes and trusted browsers would count for whoever is called so next.
import { ACTIONS } from '../../admin/actions.ts'
import type { FactorsListing } from '../../admin/second-factors.ts'
import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { detectDatabase } from '../../storage/detect-database.ts'
import { locateStorage, openStorage } from '../../storage/open-storage.ts'
import { callServer } from '../server/admin-client.ts'
import { withoutSessions } from '../storage/without-sessions.ts'
import { commandTrail } from '../trail/command-trail.ts'

/** @returns in words, `2 passkeys`; empty where there is nothing, no database, or it can't be asked */
export async function leftOverFactors(
  place: { readonly path: string; readonly encryptionKey: string },
  username: string,
): Promise<readonly string[]> {
  try {
    const listing = await ask(place, username)
    return listing === undefined ? [] : inWords(listing)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return []
  }
}

async function ask(
  { path, encryptionKey }: { readonly path: string; readonly encryptionKey: string },
  username: string,
): Promise<FactorsListing | undefined> {
  const answer = await callServer(path, 'factors.list', { username })
  if (answer.kind === 'answered') return answer.value as FactorsListing
  if (detectDatabase(locateStorage(path).path) !== 'latchkey') return undefined
  const clock = systemClock
  const storage = await openStorage({ path, encryptionKey, clock })
  try {
    const services = { storage, sessions: withoutSessions, audit: commandTrail(storage, clock), clock }
    return await ACTIONS['factors.list'](services, { username })
  } finally {
    await storage.close()
  }
}

function inWords({ totp, passkeys, duo, recoveryCodes, trustedBrowsers }: FactorsListing): readonly string[] {
  const counted = (count: number, one: string): string[] =>
    count === 0 ? [] : [count === 1 ? `a ${one}` : `${count} ${one}s`]
  return [
    ...counted(passkeys.length, 'passkey'),
    ...(totp === null ? [] : ['one-time codes']),
    ...(duo === null ? [] : ['a device at Duo']),
    ...(recoveryCodes === null ? [] : ['recovery codes']),
    ...counted(trustedBrowsers.length, 'trusted browser'),
  ]
}
