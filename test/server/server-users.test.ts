// The users file changes while the program runs: stories over HTTP. When a change is noticed at all is tested in watch-inputs.test.ts; stories under load are in test/reload/.
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { defaultHash, makeHash } from '../../src/directory/password-hash.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { type LogLine, type Program, start, USERS, usersText } from './program.ts'

/** Does something to the users file and waits until the server has said what it made of it. */
async function after(program: Program, change: () => void, says = /^reloaded$/): Promise<LogLine> {
  const from = program.log().length
  change()
  return program.logged(says, from)
}
const { alice, bob } = USERS

test('LIF-01 disabled: refused at the next request, and out for good. Changed groups: count at once. Removed: out, and back in unharmed', async (t) => {
  const program = await start(t)
  const cookie = await program.signIn('alice')
  const ask = async (host: string): Promise<number> => (await program.gate(host, { Cookie: cookie })).status
  const anonymous = (await program.gate('app.example.com')).status
  assert.deepEqual([await ask('app.example.com'), await ask('admin.example.com')], [200, 200])

  await after(program, () =>
    program.write('users.yml', usersText({ alice: { ...alice, groups: ['guests'] }, bob: { ...bob } })),
  )
  const demoted = await program.gate('app.example.com', { Cookie: cookie })
  assert.deepEqual([demoted.status, demoted.headers['remote-groups']], [200, 'guests'])
  assert.equal(await ask('admin.example.com'), 403)

  await after(program, () =>
    program.write('users.yml', usersText({ alice: { ...alice, disabled: true }, bob: { ...bob } })),
  )
  assert.equal(await ask('app.example.com'), anonymous)
  assert.equal((await program.api('/api/firstfactor', { username: 'alice', password: 'password' })).status, 401)
  const state = JSON.parse((await program.api('/api/state', undefined, cookie)).body)
  assert.deepEqual([state.data.username, state.data.authentication_level], ['', 0])

  await after(program, () => program.write('users.yml', usersText(USERS)))
  assert.equal(await ask('app.example.com'), anonymous, 'enabled again: he signs in again')
  const again = await program.signIn('alice')
  const askAgain = async (host: string): Promise<number> => (await program.gate(host, { Cookie: again })).status
  assert.deepEqual([await askAgain('app.example.com'), await askAgain('admin.example.com')], [200, 200])

  await after(program, () => program.write('users.yml', usersText({ bob: { ...bob } })))
  assert.equal(await askAgain('app.example.com'), anonymous)
  await after(program, () => program.write('users.yml', usersText(USERS)))
  assert.deepEqual([await askAgain('app.example.com'), await askAgain('admin.example.com')], [200, 200])
  assert.equal(await ask('app.example.com'), anonymous)
})

test('LIF-01 disabled while no server ran, and enabled again soon after its start: out all the same', async (t) => {
  const before = await start(t)
  const cookies = { alice: await before.signIn('alice'), bob: await before.signIn('bob') }
  assert.equal(await before.stop(), 0)
  before.write('users.yml', usersText({ alice: { ...alice, disabled: true }, bob: { ...bob } }))
  const program = await start(t, { folder: before.folder })
  await after(program, () => program.write('users.yml', usersText(USERS)))
  const statusOf = async (Cookie: string): Promise<number> => (await program.gate('app.example.com', { Cookie })).status
  assert.equal(await statusOf(cookies.alice), (await program.gate('app.example.com')).status)
  assert.equal(await statusOf(cookies.bob), 200)
})

test('LIF-01 another password, written by hand while no server ran, ends the sessions of that user and nobody else’s', async (t) => {
  const before = await start(t)
  const cookies = { alice: await before.signIn('alice'), bob: await before.signIn('bob') }
  assert.equal(await before.stop(), 0)
  const unchanged = await start(t, { folder: before.folder })
  const statusAt = async (program: Program, Cookie: string): Promise<number> =>
    (await program.gate('app.example.com', { Cookie })).status
  assert.deepEqual([await statusAt(unchanged, cookies.alice), await statusAt(unchanged, cookies.bob)], [200, 200])
  assert.equal(await unchanged.stop(), 0)
  const argon2 = { ...defaultHash.argon2, memory: 64, iterations: 1, parallelism: 1 }
  const password = await makeHash('another one', { ...defaultHash, argon2 })
  before.write('users.yml', usersText({ alice: { ...alice, password }, bob: { ...bob } }))
  const program = await start(t, { folder: before.folder })
  assert.equal(await statusAt(program, cookies.alice), (await program.gate('app.example.com')).status)
  assert.equal(await statusAt(program, cookies.bob), 200)
  assert.ok(program.log().some(({ msg }) => msg === 'other passwords: the sessions of these users ended'))
})

test('a broken file keeps the users of before and says why with place; an emptied and a deleted one too; all mend themselves', async (t) => {
  const program = await start(t)
  const path = join(program.folder, 'users.yml')
  const cookie = await program.signIn('alice')
  const works = async (): Promise<void> =>
    assert.equal((await program.gate('admin.example.com', { Cookie: cookie })).status, 200)

  const from = program.log().length
  await after(
    program,
    () => program.write('users.yml', 'users:\n  alice:\n    displayname: [\n'),
    /^the change is refused; what served before keeps serving$/,
  )
  const why = program
    .log()
    .slice(from)
    .find(({ line }) => line !== undefined)
  assert.deepEqual([why?.['file'], why?.level], [path, 'error'])
  assert.ok(Number(why?.['line']) >= 3)
  await works()
  await after(
    program,
    () => program.write('users.yml', ''),
    /^the change is refused; what served before keeps serving$/,
  )
  assert.ok(program.log().some(({ msg }) => msg === 'The users file is empty.'))
  await works()
  await after(program, () => rmSync(path), /^the change is refused; what served before keeps serving$/)
  assert.ok(program.log().some(({ reason }) => reason === 'users-file-missing'))
  await works()

  // An editor that writes a new file and renames it over the old name.
  program.write('.users.yml.swp', usersText({ bob: { ...bob, groups: ['admins'] } }))
  await after(program, () => renameSync(join(program.folder, '.users.yml.swp'), path))
  assert.equal((await program.gate('admin.example.com', { Cookie: cookie })).status, 401)
  assert.equal((await program.gate('admin.example.com', { Cookie: await program.signIn('bob') })).status, 200)
})

test('the links that Kubernetes swaps under a mounted users file', async (t) => {
  const folder = temporaryFolder(t)
  const mount = join(folder, 'mount')
  for (const [name, users] of [
    ['v1', USERS],
    ['v2', { bob: { ...bob } }],
  ] as const) {
    mkdirSync(join(mount, name), { recursive: true })
    writeFileSync(join(mount, name, 'users.yml'), usersText(users))
  }
  symlinkSync('v1', join(mount, '..data'))
  symlinkSync(join('..data', 'users.yml'), join(mount, 'users.yml'))
  const changes = { authentication_backend: { file: { path: join(mount, 'users.yml') } } }
  const program = await start(t, { folder, changes })
  const cookie = await program.signIn('alice')
  await after(program, () => {
    symlinkSync('v2', join(mount, '..data_tmp'))
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'))
  })
  assert.equal((await program.gate('app.example.com', { Cookie: cookie })).status, 401)
})

test('a password changed in the file: the old one is refused, also where Basic was remembered', async (t) => {
  const strategies = [{ name: 'HeaderAuthorization', schemes: ['basic'], scheme_basic_cache_lifespan: '1h' }]
  const program = await start(t, {
    changes: {
      server: {
        endpoints: { authz: { 'forward-auth': { implementation: 'ForwardAuth', authn_strategies: strategies } } },
      },
    },
  })
  const basic = { Authorization: `Basic ${Buffer.from('alice:password').toString('base64')}` }
  assert.equal((await program.gate('app.example.com', basic)).status, 200)
  const other = '$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
  await after(program, () =>
    program.write('users.yml', usersText({ alice: { ...alice, password: other }, bob: { ...bob } })),
  )
  assert.equal((await program.gate('app.example.com', basic)).status, 401)
})

for (const [where, changes] of [
  ['as the top key', { watch: false }],
  ['for the users file', { authentication_backend: { file: { watch: false } } }],
] as const) {
  test(`watch: false ${where}: a change counts after the next start only`, async (t) => {
    const program = await start(t, { changes })
    program.write('users.yml', usersText({ bob: { ...bob } }))
    // Longer than a change takes to be noticed; there is nothing to wait for.
    await sleep(1200)
    assert.equal((await program.api('/api/firstfactor', { username: 'alice', password: 'password' })).status, 200)
    assert.ok(!program.log().some(({ msg }) => /reload|refused/.test(msg)))
    await program.stop()
    const again = await start(t, { folder: program.folder })
    assert.equal((await again.api('/api/firstfactor', { username: 'alice', password: 'password' })).status, 401)
  })
}
