// The users file while people are signed in: what is written halfway or wrong changes nothing, what is written well holds at the next request.
import assert from 'node:assert/strict'
import { appendFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { loadText } from '../config/loading.ts'
import {
  assertAllowed,
  assertClosed,
  assertLogin,
  assertUnpolluted,
  forwardAuth,
  PASSWORD,
  startLab,
  USERS,
  usersText,
} from './lab.ts'

const ONE = 'https://one.example.com/'
const ADMIN = 'https://app.example.com/admin'
const lab = await startLab({ quick: true, errorsExpected: true })
after(() => lab.close())
const GOOD = await usersText(USERS)
const basic = (username: string) =>
  [['Authorization', `Basic ${Buffer.from(`${username}:${PASSWORD}`).toString('base64')}`]] as const

test('CFG-01 no users file that is broken, cut off or empty is ever in force', async () => {
  const alice = await lab.signedIn('alice', 2)
  const broken = {
    'broken YAML': `${GOOD}  : : [\n`,
    'no users': 'groups: {}\n',
    'an empty list of users': 'users: {}\n',
    'a boolean cut off': GOOD.replace('disabled: true', 'disabled: tr'),
    'a key twice': GOOD.replace('  bob:', '  alice:'),
    'a broken hash': GOOD.replace('$argon2id$v=19', '$argon2id$v=99'),
    'a list': '- users\n',
    'an alias bomb': `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghi'].map((n, i) => `${n}: &${n} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}\nusers: *i\n`,
    'a hundred thousand brackets': `users: ${'['.repeat(100_000)}\n`,
    'magic keys': `__proto__:\n  polluted: true\nusers:\n  __proto__:\n    polluted: true\n`,
  }
  for (const [what, text] of Object.entries(broken)) {
    const since = lab.log().length
    lab.writeUsers(text)
    await lab.told('the change is refused; what served before keeps serving', since)
    assertAllowed(await alice.asks(ADMIN), 'alice', what)
    assertUnpolluted()
  }
  const before = lab.log().length
  lab.writeUsers('')
  // Cut off, it is waited for longer.
  await setTimeout(3500)
  unlinkSync(join(lab.folder, 'users.yml'))
  await setTimeout(800)
  assertAllowed(await alice.asks(ADMIN), 'alice', 'empty, then deleted')
  assert.equal(
    lab
      .log()
      .slice(before)
      .filter(({ msg }) => msg === 'reloaded').length,
    0,
  )
  const dave = await lab
    .browser('auth.example.com', '198.18.9.1')
    .post('/api/firstfactor', { username: 'dave', password: PASSWORD })
  assert.equal(dave.status, 401, 'disabled all along')
})

test('CFG-01 CFG-04 LIF-02 a file that is written in pieces is read once, when it is whole; groups change with it', async () => {
  const bob = await lab.signedIn('bob', 1)
  const changed = await usersText({ ...USERS, bob: { ...USERS['bob'], groups: ['wheel'] } })
  const since = lab.log().length
  const third = Math.ceil(changed.length / 3)
  lab.writeUsers(changed.slice(0, third))
  for (const at of [third, 2 * third]) {
    await setTimeout(200)
    assertAllowed(await bob.asks(ONE), 'bob', 'halfway')
    appendFileSync(join(lab.folder, 'users.yml'), changed.slice(at, at + third))
  }
  await lab.told('reloaded', since)
  assert.equal(
    lab
      .log()
      .slice(since)
      .filter(({ level }) => level === 'error').length,
    0,
  )
  assert.equal((await bob.asks(ONE)).headers['remote-groups'], 'wheel')
  const again = lab.log().length
  writeFileSync(join(lab.folder, 'new.yml'), GOOD)
  renameSync(join(lab.folder, 'new.yml'), join(lab.folder, 'users.yml'))
  await lab.told('reloaded', again)
  assert.equal((await bob.asks(ONE)).headers['remote-groups'], 'users')
})

test('LIF-01 whoever is disabled or deleted is out at the next request, at the gate and at the portal, by cookie and by password', async () => {
  const alice = await lab.signedIn('alice', 2)
  const bob = await lab.signedIn('bob', 1, { remember: true })
  const carol = await lab.signedIn('carol', 1)
  assertAllowed(await lab.ask(forwardAuth(ONE, { extra: basic('alice') })), 'alice', 'Basic before')
  const since = lab.log().length
  const { bob: _, ...rest } = USERS
  lab.writeUsers(await usersText({ ...rest, alice: { ...USERS['alice'], disabled: true } }))
  await lab.told('reloaded', since)
  for (const [name, browser] of [
    ['alice', alice],
    ['bob', bob],
  ] as const) {
    assertLogin(await browser.asks(ONE), name)
    assertLogin(await browser.asks(ADMIN), name)
    assert.deepEqual(Object.values(await browser.state()).slice(0, 2), ['', 0], name)
    assert.equal((await browser.get('/api/user/info')).status, 403, name)
    assert.notEqual((await browser.post('/api/secondfactor/totp', { token: lab.code(name, 1) })).status, 200, name)
    assertClosed(await lab.ask(forwardAuth(ONE, { extra: basic(name) })), name)
    const again = await lab
      .browser('auth.example.com', '198.18.9.2')
      .post('/api/firstfactor', { username: name, password: PASSWORD })
    assert.equal(again.status, 401, name)
  }
  assertAllowed(await carol.asks(ONE), 'carol', 'somebody else')
})

test('INJ-01 CFG-06 the configuration has no magic keys', () => {
  const least = 'storage: { encryption_key: a-key-for-tests-of-some-length, local: { path: db.sqlite3 } }\n'
  for (const text of [
    `${least}__proto__: { polluted: true }\n`,
    `${least}server: { __proto__: { polluted: true } }\n`,
    `${least}constructor: { prototype: { polluted: true } }\n`,
    `${least}session: { <<: { __proto__: { polluted: true } } }\n`,
    `${least}access_control: { rules: [{ __proto__: { policy: bypass }, domain: app.example.com }] }\n`,
  ]) {
    assert.equal(loadText(text).kind, 'invalid', text)
    assertUnpolluted()
  }
})
