// Failures of codes in memory, for tests: since the last success, by user, whichever kind of code they are of.
import type { CodeFailures } from '../../src/storage/code-failures.ts'

export function memoryFailures(turn: () => Promise<void>): CodeFailures {
  const failures = new Map<string, { failures: number; lastFailureAt: number }>()
  return {
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
