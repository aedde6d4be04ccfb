// The record of sign-in attempts, for people who look back.
import type { AttemptRow } from '../storage/attempts.ts'
import type { AdminServices } from './actions.ts'
import { optionalCount, optionalSwitch, optionalText, paramsOf, wrong } from './params.ts'

const USUAL_LIMIT = 50
const HIGHEST_LIMIT = 100_000

export type AttemptListing = AttemptRow & { readonly id: number }

/** @param params `{ username?, remoteAddress?, successful?, since?, limit? }`; since in milliseconds since the epoch. Newest first. */
export async function listAttempts({ storage }: AdminServices, params: unknown): Promise<readonly AttemptListing[]> {
  const given = paramsOf(params)
  const filter = {
    username: optionalText(given, 'username'),
    remoteAddress: optionalText(given, 'remoteAddress'),
    successful: optionalSwitch(given, 'successful'),
    since: optionalCount(given, 'since'),
  }
  return storage.attempts.list(filter, Math.min(optionalCount(given, 'limit') ?? USUAL_LIMIT, HIGHEST_LIMIT))
}

export interface AttemptStatsListing {
  readonly total: number
  readonly successful: number
  readonly failed: number
  readonly banned: number
  /** Milliseconds since the epoch; null when there are none. */
  readonly oldest: number | null
  readonly newest: number | null
}

export async function statsOfAttempts({ storage }: AdminServices): Promise<AttemptStatsListing> {
  const { oldest, newest, ...counts } = await storage.attempts.stats()
  return { ...counts, oldest: oldest ?? null, newest: newest ?? null }
}

/** @param params `{ olderThan }`, milliseconds */
export async function pruneAttempts(
  { storage, clock, audit }: AdminServices,
  params: unknown,
): Promise<{ readonly removed: number }> {
  const olderThan = optionalCount(paramsOf(params), 'olderThan')
  if (olderThan === undefined) throw wrong('olderThan', 'given')
  const removed = await storage.attempts.prune(clock.now() - olderThan)
  await audit.record({ kind: 'attempts-deleted', username: '', from: 'cli', subject: String(removed) })
  return { removed }
}
