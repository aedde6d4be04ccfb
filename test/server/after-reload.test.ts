// What a server does once a reload is over: it gives the memory back that the reload used.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import { startServer } from '../../src/server/server.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { furnish } from './program.ts'

test('after reloads in a row memory is collected once, when it is quiet', async (t) => {
  const folder = temporaryFolder(t)
  furnish(folder, { changes: { log: { level: 'error', file_path: `${folder}/log`, keep_stdout: false } } })
  const request = { paths: ['configuration.yml'], explicit: true, env: {}, filters: [], cwd: folder }
  const loaded = loadConfig(request)
  assert.ok(loaded.kind === 'ok')
  let collected = 0
  let done = () => {}
  const once = new Promise<void>((resolve) => {
    done = resolve
  })
  const collect = () => {
    collected++
    done()
  }
  const server = await startServer({
    config: loaded.config,
    selfSigned: false,
    clock: systemClock,
    watch: false,
    collect,
  })
  t.after(() => server.stop())
  await sleep(1500)
  assert.equal(collected, 0, 'nothing was reloaded')
  for (let i = 0; i < 3; i++) assert.equal((await server.reload('command'))?.kind, 'applied')
  const alive = setInterval(() => {}, 1000)
  await once
  clearInterval(alive)
  await sleep(1500)
  assert.equal(collected, 1)
})
