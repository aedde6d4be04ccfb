// The program of the hashing process: takes tasks from its parent, computes them at low priority, answers, and ends with its parent.
import { readdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import type { HashAnswer, HashTask } from './hash-process.ts'
import { parseHash, verifyHash } from './password-hash.ts'

const NICE = 10

function lowerPriority(): void {
  try {
    setPriority(NICE)
    // Linux keeps a priority for every thread; those that exist already are told one by one, later ones inherit it.
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), NICE)
  } catch {
    // Not Linux, or not allowed: hashing works all the same.
  }
}

async function answer({ id, encoded, password }: HashTask): Promise<HashAnswer> {
  const parsed = parseHash(encoded)
  if (parsed.kind === 'refused') return { id }
  try {
    return { id, match: await verifyHash(parsed.hash, password) }
  } catch {
    return { id }
  }
}

lowerPriority()
// A terminal or service manager signals the whole group; the parent decides when this process ends, after what it is computing.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit(0))
process.on('message', async (task: HashTask) => {
  const result = await answer(task)
  if (process.connected) process.send?.(result)
})
