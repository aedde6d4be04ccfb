// Has a password checked by a runner, as the queue asks for it.
import type { HashRunner } from '../../src/directory/hash-queue.ts'

export async function verifyBy(
  runner: HashRunner,
  encoded: string,
  password: string,
): Promise<'match' | 'mismatch' | 'lost'> {
  const result = await runner.run({ kind: 'verify', encoded, password })
  return result.kind !== 'verified' ? 'lost' : result.match ? 'match' : 'mismatch'
}
