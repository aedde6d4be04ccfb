// Listing sessions and ending them. A handle is the beginning of the key that a listing shows.
import type { SessionListing } from '../session/session.ts'
import type { AdminServices } from './actions.ts'
import { optionalSwitch, optionalText, paramsOf, wrong } from './params.ts'

/** Fewer characters of a key would name somebody else's session by a slip of the hand. */
const SHORTEST_HANDLE = 6

/** @param params `{ username?, domain? }`. Newest first. */
export async function listSessions({ sessions }: AdminServices, params: unknown): Promise<readonly SessionListing[]> {
  const given = paramsOf(params)
  const username = optionalText(given, 'username')
  const domain = optionalText(given, 'domain')
  return sessions.list({ ...(username !== undefined && { username }), ...(domain !== undefined && { domain }) })
}

export type RevokedSessions =
  | { readonly kind: 'revoked'; readonly count: number; readonly usernames: readonly string[] }
  /** Several sessions have keys that begin like this. */
  | { readonly kind: 'ambiguous'; readonly keys: readonly string[] }

/** @param params exactly one of `{ handle }`, `{ username }`, `{ all: true }`. No session is a count of 0. */
export async function revokeSessions({ sessions, audit }: AdminServices, params: unknown): Promise<RevokedSessions> {
  const revokeUser = async (name: string): Promise<number> => {
    const count = await sessions.revokeUser(name)
    if (count > 0) {
      const event = { kind: 'sessions-ended', username: name, from: 'cli', subject: String(count) } as const
      await audit.record({ ...event, reason: 'by-hand' })
    }
    return count
  }
  const given = paramsOf(params)
  const handle = optionalText(given, 'handle')?.toLowerCase()
  const username = optionalText(given, 'username')
  const all = optionalSwitch(given, 'all') === true
  if ([handle !== undefined, username !== undefined, all].filter(Boolean).length !== 1)
    throw wrong('exactly one of handle, username and all', 'given')

  if (username !== undefined) {
    const count = await revokeUser(username)
    return { kind: 'revoked', count, usernames: count > 0 ? [username] : [] }
  }
  if (handle === undefined) {
    const usernames = [...new Set((await sessions.list()).map((session) => session.username))]
    let count = 0
    for (const name of usernames) count += await revokeUser(name)
    return { kind: 'revoked', count, usernames }
  }
  if (!/^[0-9a-f]+$/.test(handle) || handle.length < SHORTEST_HANDLE)
    throw wrong('handle', `at least ${SHORTEST_HANDLE} characters of the key that a listing shows`)
  const found = (await sessions.list()).filter(({ key }) => key.startsWith(handle))
  if (found.length > 1) return { kind: 'ambiguous', keys: found.map(({ key }) => key) }
  const [session] = found
  if (session === undefined || !(await sessions.revoke(session.key)))
    return { kind: 'revoked', count: 0, usernames: [] }
  const { username: whose, key } = session
  await audit.record({ kind: 'session-ended', username: whose, from: 'cli', session: key, reason: 'by-hand' })
  return { kind: 'revoked', count: 1, usernames: [whose] }
}
