// What Authelia keeps of people besides their factors: which one they prefer, their device at Duo, and what they are called towards other services.

import type { UserIdentifier } from '../storage/identifiers.ts'
import type { Storage } from '../storage/storage.ts'
import type { Row } from './authelia-source.ts'
import type { Outcome } from './part.ts'

/** @param target undefined: nothing is there yet */
export async function importPreference(
  row: Row,
  target: Pick<Storage, 'preferences'> | undefined,
  dryRun: boolean,
): Promise<Outcome> {
  const name = String(row['username'])
  if (await target?.preferences.find(name)) return { kind: 'kept', name }
  if (target && !dryRun) await target.preferences.save(name, { method: String(row['second_factor_method']) })
  return { kind: 'imported', name }
}

/** Which of his devices at Duo somebody is asked on, and how. */
export async function importDuoDevice(
  row: Row,
  target: Pick<Storage, 'duo'> | undefined,
  dryRun: boolean,
): Promise<Outcome> {
  const name = String(row['username'])
  if (await target?.duo.find(name)) return { kind: 'kept', name }
  const preference = { device: String(row['device']), method: String(row['method']) }
  if (target && !dryRun) await target.duo.save(name, preference)
  return { kind: 'imported', name }
}

/** Services that have identifiers here. */
const SERVICES = ['openid']

/** @param here all that there are */
export async function importIdentifier(
  row: Row,
  target: Pick<Storage, 'identifiers'> | undefined,
  here: readonly UserIdentifier[],
  dryRun: boolean,
): Promise<Outcome> {
  const identifier: UserIdentifier = {
    service: String(row['service']),
    sectorId: String(row['sector_id']),
    username: String(row['username']),
    identifier: String(row['identifier']),
  }
  const { service, sectorId, username } = identifier
  const name = `${username} at ${sectorId === '' ? service : `${service} ${sectorId}`}`
  if (!SERVICES.includes(service)) return { kind: 'skipped', name, why: `there is no service ${service} here` }
  const own = here.find((one) => one.service === service && one.sectorId === sectorId && one.username === username)
  if (own) return { kind: 'kept', name }
  if (here.some((one) => one.identifier === identifier.identifier))
    return { kind: 'skipped', name, why: 'the identifier is another user’s here' }
  if (!target || dryRun) return { kind: 'imported', name }
  const inTheWay = await target.identifiers.add([identifier])
  return inTheWay.length > 0 ? { kind: 'skipped', name, why: 'another came first' } : { kind: 'imported', name }
}
