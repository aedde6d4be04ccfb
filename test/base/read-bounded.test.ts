import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { NOT_A_FILE, readBounded } from '../../src/base/read-bounded.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

test('up to the limit the content comes back, beyond it nothing is read, however much there is', (t) => {
  const path = join(temporaryFolder(t), 'file')
  writeFileSync(path, 'x'.repeat(100_000))
  assert.equal(readBounded(path, 100_000)?.length, 100_000)
  assert.equal(readBounded(path, 99_999), undefined)
  truncateSync(path, 8 * 1024 ** 3)
  const before = performance.now()
  assert.equal(readBounded(path, 1024 ** 3), undefined)
  assert.ok(performance.now() - before < 1000)
  // What says that it is empty and isn't
  assert.ok(readBounded('/proc/self/maps', 1024 * 1024)?.length)
  assert.equal(readBounded('/proc/self/maps', 100), undefined)
})

test('a pipe, a socket and a device are refused at once, also behind a link; a folder and a loop in the system’s words', async (t) => {
  const folder = temporaryFolder(t)
  const at = (name: string): string => join(folder, name)
  assert.equal(spawnSync('mkfifo', [at('pipe')]).status, 0)
  symlinkSync(at('pipe'), at('link'))
  symlinkSync(at('loop'), at('loop'))
  const server = createServer().listen(at('socket'))
  t.after(() => server.close())
  for (const path of [at('pipe'), at('link'), '/dev/zero', '/dev/null'])
    assert.throws(() => readBounded(path, 1000), { code: NOT_A_FILE }, path)
  // The system opens no socket.
  assert.throws(() => readBounded(at('socket'), 1000), { code: 'ENXIO' })
  assert.throws(() => readBounded(folder, 1000), { code: 'EISDIR' })
  assert.throws(() => readBounded(at('loop'), 1000), { code: 'ELOOP' })
  assert.throws(() => readBounded(at('nothing'), 1000), { code: 'ENOENT' })
})

test('what a shell hands over is read, a pipe or not', () => {
  const module = join(import.meta.dirname, '../../src/base/read-bounded.ts')
  const script = `import { readBounded } from ${JSON.stringify(module)}; process.stdout.write(readBounded('/dev/stdin', 100))`
  const { stdout } = spawnSync(
    'sh',
    ['-c', 'printf "from a pipe" | "$0" --input-type=module -e "$1"', process.execPath, script],
    {
      encoding: 'utf8',
    },
  )
  assert.equal(stdout, 'from a pipe')
})
