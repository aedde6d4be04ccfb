// kill -9 of the whole program while people sign in, prove their second factor and sign out. Whatever was answered must hold after the restart.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { cookiesOf, HASH, type Program, SECRETS, start, type WrittenUser } from './program.ts'

const ROUNDS = 3
const PEOPLE = 60
const AT_ONCE = 6
const parametersOf = (username: string) =>
  ({ secret: Buffer.from(`twenty bytes of ${username}`), algorithm: 'SHA1', digits: 6, period: 30 }) as const

/** What was answered, person by person. */
interface Person {
  readonly username: string
  cookie: string
  /** undefined: unknown, since the answer never came. */
  state: 'one' | 'two' | 'out' | undefined
  code: string | undefined
}

async function addDevices(folder: string, names: readonly string[]): Promise<void> {
  const path = join(folder, 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: SECRETS.storage, clock: systemClock })
  for (const username of names) {
    const device = { ...parametersOf(username), username, issuer: 'x', createdAt: 1, lastUsedAt: undefined }
    await storage.totp.save(device)
  }
  await storage.close()
}

/** Signs in; every second one proves a code as well; every third one signs out again. */
async function visit(program: Program, index: number, username: string, note: (person: Person) => void): Promise<void> {
  const person: Person = { username, cookie: '', state: undefined, code: undefined }
  const first = await program.api('/api/firstfactor', { username, password: 'password' })
  assert.equal(first.status, 200, first.body)
  Object.assign(person, { cookie: cookiesOf(first), state: 'one' })
  note(person)
  if (index % 2 === 0) {
    const code = codeOfStep(parametersOf(username), timeStep(Date.now(), 30))
    person.state = undefined
    const second = await program.api('/api/secondfactor/totp', { token: code }, person.cookie)
    assert.equal(second.status, 200, second.body)
    Object.assign(person, { cookie: cookiesOf(second), state: 'two', code })
  }
  if (index % 3 === 0) {
    person.state = undefined
    const out = await program.api('/api/logout', {}, person.cookie)
    assert.equal(out.status, 200, out.body)
    person.state = 'out'
  }
}

test('what was answered before kill -9 holds after the restart: sessions, levels, sign-outs, used codes', async (t) => {
  const folder = temporaryFolder(t)
  const names = Array.from({ length: PEOPLE }, (_, i) => `user${i}`)
  const users: Record<string, WrittenUser> = Object.fromEntries(
    names.map((name) => [name, { displayname: name, password: HASH }]),
  )
  await addDevices(folder, names)
  let next = 0
  const found = { one: 0, two: 0, out: 0, codes: 0 }
  let program = await start(t, { folder, users })
  for (let round = 0; round < ROUNDS; round++) {
    const people: Person[] = []
    const last = Math.min(PEOPLE, (round + 1) * (PEOPLE / ROUNDS))
    // Killed when so many have signed in, in the middle of what the others do.
    const enough = 6 + 3 * round
    const killed = program.ended
    const line = async (): Promise<void> => {
      while (next < last) {
        const index = next++
        try {
          await visit(program, index, `user${index}`, (person) => {
            if (people.push(person) === enough) program.child.kill('SIGKILL')
          })
        } catch (error) {
          // Broken off by the kill; anything else is a failure.
          if (error instanceof assert.AssertionError) throw error
          return
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, line))
    assert.equal(await killed, 'SIGKILL')
    assert.ok(people.length >= enough)
    next = last

    program = await start(t, { folder })
    for (const { username, cookie, state, code } of people) {
      const at = async (host: string): Promise<number> => (await program.gate(host, { Cookie: cookie })).status
      if (state !== undefined) {
        found[state]++
        assert.equal(await at('app.example.com'), state === 'out' ? 401 : 200, `${username}: ${state}`)
        if (state !== 'out') assert.equal(await at('two.example.com'), state === 'two' ? 200 : 401, username)
      }
      if (code === undefined || found.codes > 3) continue
      found.codes++
      const again = await program.signIn(username)
      const reuse = await program.api('/api/secondfactor/totp', { token: code }, again)
      assert.equal(reuse.status, 403, `${username} uses a code twice`)
    }
  }
  assert.ok(found.one > 0 && found.two > 0 && found.out > 0 && found.codes > 0, JSON.stringify(found))
  assert.equal(await program.stop(), 0)
})
