// Storage in memory for tests of the login: the contract's behaviour, and a switch that makes it fail.
import type { AttemptRow, AttemptsRepository } from '../../src/storage/attempts.ts'
import type { Ban, BansRepository } from '../../src/storage/bans.ts'
import type { PreferencesRepository } from '../../src/storage/preferences.ts'
import type { RecoveryRepository } from '../../src/storage/recovery-codes.ts'
import type { TotpConfiguration, TotpRepository } from '../../src/storage/totp-configurations.ts'
import { memoryFailures } from '../storage/memory-failures.ts'
import { memoryRecovery } from '../storage/memory-recovery.ts'
import { type MemoryProofs, memoryProofs } from './memory-proofs.ts'

export interface MemoryStorage extends MemoryProofs {
  readonly attempts: AttemptsRepository
  readonly bans: BansRepository
  readonly totp: TotpRepository
  readonly preferences: PreferencesRepository
  readonly recovery: RecoveryRepository
  readonly rows: AttemptRow[]
  readonly allBans: Ban[]
  /** Every call rejects while this is set. */
  broken: boolean
}

export function memoryStorage(): MemoryStorage {
  const rows: AttemptRow[] = []
  const allBans: (Ban & { revokedAt: number | undefined })[] = []
  const configurations = new Map<string, TotpConfiguration>()
  const lastSteps = new Map<string, number>()
  const methods = new Map<string, { method: string }>()
  /** A turn of the event loop, as a real database takes. */
  const turn = async () => {
    await Promise.resolve()
    if (storage.broken) throw new Error('the disk is gone')
  }
  const ends = (ban: Ban) =>
    Math.min(ban.expiresAt ?? Number.POSITIVE_INFINITY, ban.revokedAt ?? Number.POSITIVE_INFINITY)

  const storage: MemoryStorage = {
    ...memoryProofs(turn),
    broken: false,
    recovery: memoryRecovery(turn),
    rows,
    allBans,
    attempts: {
      async add(row) {
        await turn()
        rows.push(row)
      },
      async recent(by, since, limit) {
        await turn()
        return rows
          .filter((row) => row.kind === '1FA' && !row.banned && row.time > since)
          .filter((row) => ('username' in by ? row.username === by.username : row.remoteAddress === by.remoteAddress))
          .reverse()
          .slice(0, limit)
      },
      list: async () => rows.map((row, i) => ({ ...row, id: i + 1 })),
      stats: async () => ({
        total: rows.length,
        successful: rows.filter(({ successful }) => successful).length,
        failed: rows.filter(({ successful }) => !successful).length,
        banned: rows.filter(({ banned }) => banned).length,
        oldest: rows[0]?.time,
        newest: rows.at(-1)?.time,
      }),
      async prune(before) {
        await turn()
        const kept = rows.filter((row) => row.time >= before)
        return rows.splice(0, rows.length, ...kept).length - kept.length
      },
      trim: async () => 0,
    },
    bans: {
      async active(kind, value, now) {
        await turn()
        return allBans.find((ban) => ban.kind === kind && ban.value === value && ends(ban) > now)
      },
      async lastEnd(kind, value, now) {
        await turn()
        return Math.max(
          0,
          ...allBans.filter((ban) => ban.kind === kind && ban.value === value && ends(ban) <= now).map(ends),
        )
      },
      async add(ban) {
        await turn()
        const added = { ...ban, id: allBans.length + 1, revokedAt: undefined }
        allBans.push(added)
        return added
      },
      list: async () => allBans,
      async revoke(kind, value, now) {
        const active = allBans.filter((ban) => ban.kind === kind && ban.value === value && ends(ban) > now)
        for (const ban of active) Object.assign(ban, { revokedAt: now })
        return active.length
      },
      async revokeById(id, now) {
        const ban = allBans.find((some) => some.id === id && ends(some) > now)
        if (ban) Object.assign(ban, { revokedAt: now })
        return ban !== undefined
      },
    },
    totp: {
      async find(username) {
        await turn()
        return configurations.get(username)
      },
      async save(configuration) {
        await turn()
        configurations.set(configuration.username, configuration)
        lastSteps.delete(configuration.username)
      },
      async delete(username) {
        await turn()
        return configurations.delete(username)
      },
      list: async () => [...configurations.values()],
      async consumeStep(username, createdAt, step, now) {
        await turn()
        const configuration = configurations.get(username)
        if (configuration?.createdAt !== createdAt || step <= (lastSteps.get(username) ?? -1)) return false
        lastSteps.set(username, step)
        configurations.set(username, { ...configuration, lastUsedAt: now })
        return true
      },
      ...memoryFailures(turn),
    },
    preferences: {
      async find(username) {
        await turn()
        return methods.get(username)
      },
      async save(username, preferences) {
        await turn()
        methods.set(username, preferences)
      },
    },
  }
  return storage
}
