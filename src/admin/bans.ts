// Bans made and lifted by hand. They hold like regulation's own: no sign-in until they end; sessions that exist live on.
import { parseIpAddress, parseNetwork } from '../base/ip-address.ts'
import type { Ban } from '../storage/bans.ts'
import type { AdminServices } from './actions.ts'
import { oneOf, optionalCount, optionalText, paramsOf, text, wrong } from './params.ts'

const KINDS = ['user', 'ip'] as const

/** In JSON an end that never comes is null. */
export interface BanListing extends Omit<Ban, 'expiresAt' | 'revokedAt'> {
  readonly expiresAt: number | null
}

const listing = ({ expiresAt, revokedAt: _, ...ban }: Ban): BanListing => ({ ...ban, expiresAt: expiresAt ?? null })

/** @param params `{ kind? }`: `user` or `ip`. Those in force, newest first. */
export async function listBans({ storage, clock }: AdminServices, params: unknown): Promise<readonly BanListing[]> {
  const given = paramsOf(params)
  const kind = given['kind'] === undefined ? undefined : oneOf(given, 'kind', KINDS)
  const bans = await storage.bans.list(clock.now())
  return bans
    .filter((ban) => kind === undefined || ban.kind === kind)
    .reverse()
    .map(listing)
}

/** @param params `{ kind, value, duration?, reason? }`; duration in milliseconds, without one the ban holds until it is lifted */
export async function addBan({ storage, clock, audit }: AdminServices, params: unknown): Promise<BanListing> {
  const given = paramsOf(params)
  const kind = oneOf(given, 'kind', KINDS)
  const duration = optionalCount(given, 'duration')
  const now = clock.now()
  if (duration === 0) throw wrong('duration', 'longer than nothing')
  const ban = await storage.bans.add({
    kind,
    value: bannedValue(kind, text(given, 'value')),
    createdAt: now,
    expiresAt: duration === undefined ? undefined : now + duration,
    source: 'cli',
    reason: optionalText(given, 'reason') ?? '',
  })
  await audit.record({ kind: 'banned', ...whom(ban), from: 'cli', reason: 'by-hand' })
  return listing(ban)
}

/** A user is named as such, an address as what the event is about. */
const whom = ({ kind, value }: Pick<Ban, 'kind' | 'value'>) =>
  kind === 'user' ? { username: value } : { username: '', subject: value }

/** @param params `{ id }`, or `{ kind, value }`; with `kind` an id of the other kind is none. Returns the bans that were lifted. */
export async function revokeBans(
  { storage, clock, audit }: AdminServices,
  params: unknown,
): Promise<readonly BanListing[]> {
  const given = paramsOf(params)
  const now = clock.now()
  const id = optionalCount(given, 'id')
  const kind = id !== undefined && given['kind'] === undefined ? undefined : oneOf(given, 'kind', KINDS)
  const value = id === undefined && kind !== undefined ? bannedValue(kind, text(given, 'value')) : undefined
  const lifted: BanListing[] = []
  for (const ban of await storage.bans.list(now)) {
    if (kind !== undefined && ban.kind !== kind) continue
    if (id === undefined ? ban.value !== value : ban.id !== id) continue
    if (!(await storage.bans.revokeById(ban.id, now))) continue
    lifted.push(listing(ban))
    await audit.record({ kind: 'ban-lifted', ...whom(ban), from: 'cli', reason: 'by-hand' })
  }
  return lifted
}

/** As login/regulation.ts looks it up: an address itself, or the /64 network that failures of an IPv6 address are counted for. */
function bannedValue(kind: Ban['kind'], value: string): string {
  if (kind === 'user') return value
  const address = parseIpAddress(value)
  if (address !== undefined) return address.text
  const network = parseNetwork(value)
  if (network?.family === 6 && network.text.endsWith('/64')) return network.text
  throw wrong(`the banned address ${JSON.stringify(value)}`, 'an IP address, or the /64 network of an IPv6 address')
}
