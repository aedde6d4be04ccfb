import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const module = join(import.meta.dirname, '../../src/base/undisturbed.ts')
const run = (script: string) =>
  spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `import { undisturbed } from ${JSON.stringify(module)}\n${script}`],
    {
      encoding: 'utf8',
    },
  )

test('a signal in the middle doesn’t end the work, and what comes after it goes on; afterwards one ends the program as ever', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    const within = run(`
      undisturbed(() => { process.kill(process.pid, '${signal}'); console.log('done') })
      setTimeout(() => console.log('after'), 50)`)
    assert.deepEqual([within.stdout, within.status, within.signal], ['done\nafter\n', 0, null], signal)
    const later = run(`
      undisturbed(() => {})
      setTimeout(() => { process.kill(process.pid, '${signal}'); setTimeout(() => console.log('still here'), 1000) }, 1)`)
    assert.deepEqual([later.stdout, later.signal], ['', signal])
  }
})

test('what the work throws is thrown, and nothing stays behind', () => {
  const { stdout } = run(`
    const count = () => process.listenerCount('SIGINT')
    try { undisturbed(() => { console.log(count()); throw new Error('no') }) } catch (error) { console.log(error.message, count()) }`)
  assert.equal(stdout, '1\nno 0\n')
})
