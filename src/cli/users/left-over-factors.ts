// What a name that is given anew still has from somebody before: his passkeys, codes and trusted browsers would count for whoever is called so next.
import type { FactorsListing } from '../../admin/second-factors.ts'
import { Fault } from '../../base/fault.ts'
import { actIfThere, type StoresPlace } from '../storage/act-on-stores.ts'

/** @returns in words, `2 passkeys`; empty where there is nothing, no database, or it can't be asked */
export async function leftOverFactors(place: StoresPlace, username: string): Promise<readonly string[]> {
  try {
    const listing = await actIfThere(place, 'factors.list', { username })
    return listing === undefined ? [] : inWords(listing)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return []
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
