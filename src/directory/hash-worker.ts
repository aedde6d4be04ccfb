// The program of the hashing process: takes tasks from its parent, computes them at low priority, answers, and ends with its parent.
import { readdirSync } from 'node:fs'
import { setPriority } from 'node:os'
import type { HashAnswer, HashResult, HashTask, HashWork } from './hash-process.ts'
import { makeHash, parseHash, verifyHash } from './password-hash.ts'
import { judgePassword } from './password-policy.ts'
import { createSpareCore } from './spare-core.ts'

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

async function resultOf(work: HashWork): Promise<HashResult> {
  switch (work.kind) {
    case 'verify': {
      const parsed = parseHash(work.encoded)
      if (parsed.kind === 'refused') return LOST
      return { kind: 'verified', match: await verifyHash(parsed.hash, work.password) }
    }
    case 'make':
      return { kind: 'made', hash: await makeHash(work.password, work.config) }
    case 'judge':
      return { kind: 'judged', weaknesses: await judgePassword(work.password, work.policy, work.about) }
  }
}

const LOST: HashResult = { kind: 'lost' }

lowerPriority()
const spareCore = createSpareCore()
// A terminal or service manager signals the whole group; the parent decides when this process ends, after what it is computing.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit(0))
process.on('message', async (task: HashTask) => {
  await spareCore(task.sparesCore)
  const result = await resultOf(task.work).catch(() => LOST)
  if (process.connected) process.send?.({ id: task.id, result } satisfies HashAnswer)
})
