import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { openSessions, sessionsPath } from '../../src/session/open-sessions.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { exchange } from './exchange.ts'
import { DOMAIN, SECRET } from './sessions-fixture.ts'

/** Runs the child until it has said `lines` things, kills it in the midst of the next, and returns everything it said. */
async function killedAfter(lines: number, path: string, name: string): Promise<readonly string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-child.ts'), path, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    if (said.split('\n').length > lines) child.kill('SIGKILL')
  })
  await once(child, 'close')
  assert.equal(child.signalCode, 'SIGKILL')
  return said.split('\n').slice(0, -1)
}

test('DEP-10 kill -9 in the midst of sign-ins and sign-outs loses nothing that was answered, and leaves no stale lock', {
  timeout: 60_000,
}, async (t) => {
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const alive = new Set<string>()
  const dead = new Set<string>()
  const consumed = new Set<string>()
  for (const [round, lines] of [60, 250, 701].entries()) {
    for (const line of await killedAfter(lines, path, `round-${round}`)) {
      const [word, ...rest] = line.split(' ')
      const what = rest.join(' ')
      if (word === 'lives') alive.add(what)
      if (word === 'changing') alive.delete(what)
      if (word === 'dead') dead.add(what)
      if (word === 'consumed') consumed.add(what)
    }
    const storage = await openStorage({ path, encryptionKey: SECRET, clock: systemClock, exclusive: true })
    const sessions = await openSessions({ path: sessionsPath(path), secret: SECRET, clock: systemClock })
    const current = (cookies: string) => sessions.current(exchange(cookies).request, DOMAIN)
    for (const cookies of alive) assert.equal((await current(cookies))?.hasPortalCookie, true)
    for (const cookies of dead) assert.equal(await current(cookies), undefined)
    for (const entry of consumed) {
      const [username = '', createdAt, step] = entry.split(' ')
      assert.equal(await storage.totp.consumeStep(username, Number(createdAt), Number(step), 0), false)
    }
    await sessions.close()
    await storage.close()
  }
  assert.ok(alive.size > 20 && dead.size > 20 && consumed.size > 20)
})
