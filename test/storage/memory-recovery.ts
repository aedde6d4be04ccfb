// Recovery codes in memory, for tests of those that use them: the contract's behaviour, which recovery-codes.test.ts holds the real ones to.
import type { RecoveryRepository } from '../../src/storage/storage.ts'

export function memoryRecovery(turn: () => Promise<void> = async () => {}): RecoveryRepository {
  const sets = new Map<string, { readonly createdAt: number; readonly codes: Map<string, number | undefined> }>()
  const failures = new Map<string, { failures: number; lastFailureAt: number }>()
  return {
    async find(username) {
      await turn()
      const set = sets.get(username)
      if (!set) return undefined
      const used = [...set.codes.values()].filter((at) => at !== undefined)
      const { createdAt, codes } = set
      return {
        createdAt,
        total: codes.size,
        left: codes.size - used.length,
        lastUsedAt: used.length > 0 ? Math.max(...used) : undefined,
      }
    },
    async save(username, codes, now) {
      await turn()
      sets.set(username, { createdAt: now, codes: new Map(codes.map((code) => [code, undefined])) })
    },
    async consume(username, code, now) {
      await turn()
      const codes = sets.get(username)?.codes
      if (!codes?.has(code)) return 'unknown'
      if (codes.get(code) !== undefined) return 'used'
      codes.set(code, now)
      return 'consumed'
    },
    async delete(username) {
      await turn()
      return sets.delete(username)
    },
    async countFailure(username, now) {
      await turn()
      const counted = { failures: (failures.get(username)?.failures ?? 0) + 1, lastFailureAt: now }
      failures.set(username, counted)
      return counted
    },
    async failures(username) {
      await turn()
      return failures.get(username) ?? { failures: 0, lastFailureAt: 0 }
    },
    async clearFailures(username) {
      await turn()
      failures.delete(username)
    },
  }
}
