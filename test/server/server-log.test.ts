// What the program says while it runs: never a secret, always enough to find an error, in the form and place that was asked for.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { encodeTotpSecret } from '../../src/login/totp-registration.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import {
  cookiesOf,
  HASH,
  type LogLine,
  launch,
  PASSWORD,
  type Program,
  type Reply,
  SECRETS,
  start,
  type Tree,
} from './program.ts'

const DEVICE = { secret: Buffer.from('twenty bytes of alice'), algorithm: 'SHA1', digits: 6, period: 30 } as const
const basic = (text: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
})

async function registerAlice(folder: string): Promise<void> {
  const storage = await openStorage({
    path: join(folder, 'db.sqlite3'),
    encryptionKey: SECRETS.storage,
    clock: systemClock,
  })
  await storage.totp.save({ ...DEVICE, username: 'alice', issuer: 'x', createdAt: 1, lastUsedAt: undefined })
  await storage.close()
}
/** Waits for the address where the log on standard output doesn't tell it. */
async function startQuietly(t: TestContext, folder: string, changes: Tree): Promise<Program> {
  const program = launch(t, { folder, changes })
  const address = /^unix:\/\/(.*)$/.exec(changes['server']?.['address'] ?? '')?.[1]
  const read = (): string | undefined =>
    address ?? /address=(\S+)/.exec(existsSync(join(folder, 'log.txt')) ? program.read('log.txt') : '')?.[1]
  const answers = async (): Promise<boolean> => {
    program.address = read() ?? ''
    return program.address !== '' && (await program.ask({ path: '/api/health' }).catch(() => undefined))?.status === 200
  }
  while (!(await answers())) {
    assert.equal(program.child.exitCode, null, program.stderr)
    await sleep(20)
  }
  return program
}
const keyOf = ({ body }: Reply): string => /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/.exec(body)?.[0] ?? ''

test('at trace level, in log file and output, no password, code, cookie, key or token that was used, in any outcome', async (t) => {
  const folder = temporaryFolder(t)
  await registerAlice(folder)
  const program = await start(t, {
    folder,
    changes: { log: { level: 'trace', file_path: join(folder, 'log.txt'), keep_stdout: true } },
  })
  const secrets = new Set<string>([...Object.values(SECRETS), HASH, encodeTotpSecret(DEVICE.secret)])
  const secret = (text: string): string => {
    secrets.add(text)
    return text
  }
  const cookies = (reply: Reply): string => {
    const all = cookiesOf(reply)
    for (const cookie of all.split('; ')) secret(cookie.slice(cookie.indexOf('=') + 1))
    return all
  }
  const wrong = secret('hunter2-wrong-password')
  const misplaced = secret('hunter3-typed-into-the-name')
  const statuses = [
    await program.api('/api/firstfactor', { username: 'alice', password: wrong }),
    await program.api('/api/firstfactor', { username: misplaced, password: wrong }),
    await program.api('/api/firstfactor', { username: 'alice', password: [wrong] }),
    await program.gate('app.example.com', basic(`alice:${wrong}`)),
    await program.gate('app.example.com', { Authorization: `Basic ${secret('not-base64-but-secret')}` }),
    await program.gate('app.example.com', { Authorization: `Bearer ${secret('authelia_at_token')}` }),
    await program.gate('app.example.com', { Cookie: `__Secure-latchkey_session=${secret('x'.repeat(43))}` }),
    await program.gate('app.example.com', {}, `/?access_token=${secret('token-of-the-application')}`),
  ].map(({ status }) => status)
  assert.ok(!statuses.includes(200))
  secret(Buffer.from(`alice:${wrong}`).toString('base64'))

  const first = await program.api('/api/firstfactor', { username: 'alice', password: PASSWORD })
  assert.equal(first.status, 200)
  const cookie = cookies(first)
  const now = Date.now()
  const code = codeOfStep(DEVICE, timeStep(now, 30))
  const isOther = (offset: number): boolean => codeOfStep(DEVICE, timeStep(now, 30) + offset) !== '314159'
  if ([-1, 0, 1, 2].every(isOther)) {
    assert.equal((await program.api('/api/secondfactor/totp', { token: '314159' }, cookie)).status, 403)
  }
  const second = await program.api('/api/secondfactor/totp', { token: code }, cookie)
  assert.equal(second.status, 200)
  const risen = cookies(second)
  assert.equal((await program.gate('two.example.com', { Cookie: risen })).status, 200)
  assert.equal((await program.gate('app.example.com', basic(`alice:${PASSWORD}`))).status, 200)

  // Errors within: storage and sessions lose a table each.
  for (const [file, table] of [
    ['db.sqlite3', 'attempts'],
    ['db.sessions.sqlite3', 'session_facts'],
  ] as const) {
    const database = new DatabaseSync(join(folder, file))
    database.exec(`DROP TABLE ${table}`)
    database.close()
  }
  const failing = [
    await program.api('/api/firstfactor', { username: 'alice', password: PASSWORD }),
    await program.gate('app.example.com', basic(`alice:${PASSWORD}`)),
    await program.gate('app.example.com', { Cookie: risen }),
    await program.gate('app.example.com', { Cookie: cookie }),
    await program.api('/api/state', undefined, risen),
  ]
  for (const { status, body } of failing) {
    assert.ok(status >= 400, String(status))
    assert.doesNotMatch(body, /SQL|table|\.ts|\.js|\s+at /i)
  }
  // From the file, where each line stands before its answer is sent; what standard output carries arrives when it arrives.
  const lines = program.read('log.txt').split('\n').filter(Boolean)
  const errors = lines.map((line) => JSON.parse(line) as LogLine).filter(({ level }) => level === 'error')
  assert.ok(errors.length >= 2)
  assert.ok(
    errors.some(
      (line) => /session_facts|no such table/.test(JSON.stringify(line)) && /\.ts:\d+/.test(JSON.stringify(line)),
    ),
  )
  const answered = failing.map(keyOf).filter((id) => id !== '')
  assert.ok(answered.length > 0, 'an error is answered with an id')
  for (const id of answered)
    assert.ok(
      errors.some((line) => line['id'] === id),
      `${id} is in the log`,
    )

  await program.stop()
  const written = program.stdout + program.stderr + program.read('log.txt')
  assert.ok(program.read('log.txt').includes('security event: sign-in'))
  assert.deepEqual(
    [...secrets].filter((one) => written.includes(one)),
    [],
  )
  // short ones, as words
  for (const word of [PASSWORD, code, '314159']) {
    assert.doesNotMatch(written, new RegExp(`["'=: ](?:${word})["',} ]`), word)
  }
})

test('LOG-06 a text log to a file alone, for its owner’s eyes; after rotation SIGHUP opens it anew; nothing on standard output', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'log.txt')
  const changes = { log: { format: 'text', level: 'info', file_path: path } }
  const program = await startQuietly(t, folder, changes)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.match(
    program.read('log.txt'),
    /^\d{4}-\d\d-\d\dT[\d:.]+Z INFO {2}Latchkey listens address=127\.0\.0\.1:\d+ tls=false /m,
  )
  await program.signIn('alice')
  renameSync(path, `${path}.1`)
  program.child.kill('SIGHUP')
  while (!existsSync(path)) await sleep(20)
  await program.signIn('bob')
  assert.match(
    readFileSync(`${path}.1`, 'utf8'),
    /security event: sign-in event=sign-in from=203\.0\.113\.7 username=alice /,
  )
  assert.match(
    program.read('log.txt'),
    /^\S+ INFO {2}security event: sign-in event=sign-in from=203\.0\.113\.7 username=bob subject=1fa session=[0-9a-f]{12}$/m,
  )
  assert.equal(await program.stop(), 0)
  assert.equal(program.stdout, '')
})

test('the level is kept: at error nothing is said about what goes well', async (t) => {
  const folder = temporaryFolder(t)
  const program = await startQuietly(t, folder, {
    server: { address: `unix://${join(folder, 's')}` },
    log: { level: 'error' },
  })
  await program.signIn('alice')
  assert.equal((await program.api('/api/firstfactor', { username: 'alice', password: 'wrong' })).status, 401)
  assert.equal(await program.stop(), 0)
  assert.equal(program.stdout, '')
})

test('a reader of standard output that goes away does not take the server along', async (t) => {
  const program = await start(t)
  program.child.stdout?.destroy()
  for (const name of ['alice', 'bob']) await program.signIn(name)
  assert.equal((await program.gate('public.example.com')).status, 200)
  assert.equal(await program.stop(), 0)
})
