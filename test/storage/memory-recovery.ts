// Recovery codes in memory, for tests of those that use them: the contract's behaviour, which recovery-codes.test.ts holds the real ones to.
import type { RecoveryRepository } from '../../src/storage/recovery-codes.ts'
import { memoryFailures } from './memory-failures.ts'

export function memoryRecovery(turn: () => Promise<void> = async () => {}): RecoveryRepository {
  const sets = new Map<string, { readonly createdAt: number; readonly codes: Map<string, number | undefined> }>()
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
    ...memoryFailures(turn),
  }
}
