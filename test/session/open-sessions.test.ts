import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Fault } from '../../src/base/fault.ts'
import { openSessions, sessionsPath } from '../../src/session/open-sessions.ts'
import { PORTAL_COOKIE } from '../../src/session/portal-visits.ts'
import type { PortalSessions } from '../../src/session/session.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { cookieValue, exchange, jar } from './exchange.ts'
import { DAY, DOMAIN, HOUR, MINUTE, OTHER_DOMAIN, SECRET, START, sessionsFor } from './sessions-fixture.ts'

const SECOND = 1000

test('the session database lies beside storage', () => {
  assert.equal(sessionsPath('/config/db.sqlite3'), '/config/db.sessions.sqlite3')
  assert.equal(sessionsPath('data'), 'data.sessions.sqlite3')
})

test('COO-01 signing in sets the domain cookie and the portal cookie, with all attributes and an end that fits the session', async (t) => {
  const { signIn, sessions } = await sessionsFor(t)
  const portal: PortalSessions = sessions
  assert.ok(portal)
  const { lines } = await signIn()
  assert.equal(lines.length, 2)
  const end = new Date(START + HOUR).toUTCString()
  assert.match(
    lines[0] ?? '',
    /^__Secure-latchkey_session=s%3A[\w-]{43}\.[\w%]+; Domain=example\.com; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
  )
  assert.match(
    lines[1] ?? '',
    new RegExp(`^__Host-latchkey_portal=[\\w-]{43}; Path=/; Expires=${end}; HttpOnly; Secure; SameSite=Lax$`),
  )
  const remembered = await signIn('alice', { remember: true })
  assert.ok(remembered.lines[1]?.includes(new Date(START + 30 * DAY).toUTCString()))
  for (const line of [...lines, ...remembered.lines]) assert.ok(line.length < 4096)
})

test('the record tells who signed in, how and since when, and survives a restart', async (t) => {
  const first = await sessionsFor(t)
  const { value, session } = await first.signIn()
  const expected = {
    domain: 'example.com',
    username: 'alice',
    level: 1,
    remembered: false,
    createdAt: START,
    lastActivityAt: START,
    expiresAt: START + HOUR,
    epoch: 0,
    key: session.record.key,
    memo: undefined,
  }
  assert.deepEqual(await first.identify(value), expected)
  await first.sessions.close()
  const second = await sessionsFor(t, { path: first.path })
  assert.deepEqual(await second.identify(value), expected)
})

test('a hit is answered synchronously', async (t) => {
  const { signIn, sessions } = await sessionsFor(t)
  const { value } = await signIn()
  assert.ok(!(sessions.identify(DOMAIN, value) instanceof Promise))
})

test('SES-01 every sign-in and every rise has a new id, and each earlier one is dead at once', async (t) => {
  const { signIn, sessions, identify, current } = await sessionsFor(t)
  const dead: string[] = []
  const first = await signIn()
  const again = await signIn('alice', { cookie: first.cookies })
  dead.push(first.value)
  const here = await current(again.cookies)
  assert.ok(here)
  const rise = exchange(again.cookies)
  const risen = await sessions.renew(rise.request, rise.response, DOMAIN, here, { level: 2 })
  dead.push(again.value)
  assert.equal(risen?.record.level, 2)
  const afterRise = jar(rise.cookies())
  const value = cookieValue(afterRise, DOMAIN.name)
  assert.equal((await identify(value))?.level, 2)
  assert.equal(new Set([...dead, value]).size, 3)
  for (const old of dead) assert.equal(await identify(old), undefined)
  const leaving = exchange(afterRise)
  await sessions.end(leaving.request, leaving.response, DOMAIN)
  for (const old of [...dead, value]) assert.equal(await identify(old), undefined)
  assert.equal(sessions.count(), 0)
})

test('SES-01 an id of the attacker’s choosing is never adopted', async (t) => {
  const { signIn, identify, current, sessions } = await sessionsFor(t)
  const chosen = 'A'.repeat(43)
  const forms = [chosen, `s%3A${chosen}.${chosen}`, `s:${chosen}.${chosen}`, `s%3A${chosen}`, '', 'x'.repeat(60_000)]
  for (const form of forms) {
    assert.equal(await identify(form), undefined)
    assert.equal(await current(`${DOMAIN.name}=${form}`), undefined)
    const { value, cookies } = await signIn('alice', { cookie: `${DOMAIN.name}=${form}` })
    assert.ok(!value.includes(chosen))
    await sessions.end(exchange(cookies).request, exchange().response, DOMAIN)
  }
  assert.equal(sessions.count(), 0)
})

test('only the exact spelling of the cookie counts', async (t) => {
  const { signIn, identify } = await sessionsFor(t)
  const { value } = await signIn()
  const spellings = [
    decodeURIComponent(value),
    value.replace('%3A', '%3a'),
    `${value}=`,
    `"${value}"`,
    `${value} `,
    value.slice(0, -1),
    value.toUpperCase(),
    `j:${value}`,
  ]
  for (const spelling of spellings) assert.equal(await identify(spelling), undefined, spelling)
  assert.ok(await identify(value))
})

test('COO-09 values that look like JSON or other signed forms are no session', async (t) => {
  const { identify } = await sessionsFor(t)
  for (const value of ['j:{"__proto__":{"level":2}}', 's:x.y', 's%3A.', '{}', '%00', '..']) {
    assert.equal(await identify(value), undefined)
  }
  assert.equal(({} as { level?: unknown }).level, undefined)
})

test('a changed cookie is refused without asking the database', async (t) => {
  const { signIn, sessions, path } = await sessionsFor(t)
  const { value } = await signIn()
  const raw = new DatabaseSync(path)
  raw.exec('DROP TABLE session_facts')
  raw.close()
  const changed = value.replace(/^s%3A./, (start) => (start.endsWith('x') ? 's%3Ay' : 's%3Ax'))
  assert.equal(sessions.identify(DOMAIN, changed), undefined)
  assert.equal(sessions.identify(OTHER_DOMAIN, value), undefined)
})

test('SES-03 the store holds hashes and sealed values only', async (t) => {
  const { signIn, sessions, path } = await sessionsFor(t)
  const { value, session, cookies } = await signIn()
  assert.ok(await sessions.setPending(DOMAIN, session, 'a one-time-code secret in the making'))
  const id = value.slice(4, 47)
  assert.equal(session.record.key, createHash('sha256').update(id).digest('hex'))
  for (const name of readdirSync(dirname(path))) {
    const content = readFileSync(join(dirname(path), name)).toString('latin1')
    for (const secret of [id, value, cookieValue(cookies, PORTAL_COOKIE), 'a one-time-code', 'passwordProvenAt']) {
      assert.ok(!content.includes(secret), `${name}: ${secret}`)
    }
    assert.equal(statSync(join(dirname(path), name)).mode & 0o777, 0o600, 'CRY-04')
  }
})

test('a value that was changed or moved to another row in the store is no session', async (t) => {
  const { signIn, identify, path } = await sessionsFor(t)
  const alice = await signIn('alice')
  const mallory = await signIn('mallory')
  const raw = new DatabaseSync(path)
  raw
    .prepare('UPDATE sessions SET sess = (SELECT sess FROM sessions WHERE sid = ?) WHERE sid = ?')
    .run(alice.session.record.key, mallory.session.record.key)
  raw.close()
  assert.equal(await identify(mallory.value), undefined)
  assert.equal((await identify(alice.value))?.username, 'alice')
})

test('LIF-07 with another secret every cookie of before is dead, and nothing breaks', async (t) => {
  const first = await sessionsFor(t)
  const { value } = await first.signIn()
  await first.sessions.close()
  const second = await sessionsFor(t, { path: first.path, secret: 'another secret' })
  assert.equal(await second.identify(value), undefined)
  assert.deepEqual(await second.sessions.list(), [])
  await second.signIn()
  assert.equal((await second.sessions.list()).length, 1)
})

test('SES-04 an idle session lives until its inactivity and is gone after it, at the gate and at the portal', async (t) => {
  const { signIn, identify, current, clock, sessions } = await sessionsFor(t)
  const gate = await signIn()
  const portal = await signIn()
  clock.advance(4 * MINUTE + 59 * SECOND)
  assert.ok(await identify(gate.value))
  assert.ok(await current(portal.cookies))
  clock.advance(5 * MINUTE)
  assert.ok(await identify(gate.value))
  assert.ok(await current(portal.cookies))
  clock.advance(5 * MINUTE + 1)
  assert.equal(await identify(gate.value), undefined)
  assert.equal(await current(portal.cookies), undefined)
  assert.equal(sessions.count(), 0)
})

test('SES-04 looking without touching is no activity, and a clock that goes back brings nothing back', async (t) => {
  const { signIn, identify, clock } = await sessionsFor(t)
  const { value } = await signIn()
  clock.advance(4 * MINUTE)
  assert.ok(await identify(value, DOMAIN, { touch: false }))
  clock.advance(MINUTE + 1)
  assert.equal(await identify(value, DOMAIN, { touch: false }), undefined)
  clock.advance(-4 * MINUTE)
  assert.equal(await identify(value), undefined)
})

test('SES-04 inactivity is exact after a restart and with more sessions than memory holds', async (t) => {
  const first = await sessionsFor(t, { capacity: 2 })
  const values = await Promise.all(['a', 'b', 'c', 'd'].map(async (name) => (await first.signIn(name)).value))
  first.clock.advance(10 * SECOND)
  for (const value of values) assert.ok(await first.identify(value))
  first.clock.advance(5 * MINUTE)
  for (const value of values) assert.ok(await first.identify(value, DOMAIN, { touch: false }))
  await first.sessions.close()
  const second = await sessionsFor(t, { path: first.path }, first.clock)
  for (const value of values) assert.ok(await second.identify(value, DOMAIN, { touch: false }))
  first.clock.advance(1)
  for (const value of values) assert.equal(await second.identify(value), undefined)
})

test('SES-05 use moves the end of a normal session; a remembered one ends when it was to, and has no inactivity', async (t) => {
  const { signIn, identify, clock } = await sessionsFor(t)
  const domain = { ...DOMAIN, inactivity: 2 * HOUR }
  const normal = await signIn('alice', { domain })
  const remembered = await signIn('alice', { remember: true })
  clock.advance(HOUR - 1)
  assert.equal((await identify(normal.value, domain))?.expiresAt, START + 2 * HOUR - 1)
  clock.advance(HOUR - 1)
  assert.ok(await identify(normal.value, domain))
  clock.advance(HOUR)
  assert.equal(await identify(normal.value, domain), undefined)
  clock.set(START + 29 * DAY)
  assert.equal((await identify(remembered.value))?.expiresAt, START + 30 * DAY)
  clock.set(START + 30 * DAY - 1)
  assert.ok(await identify(remembered.value))
  clock.set(START + 30 * DAY)
  assert.equal(await identify(remembered.value), undefined)
})

test('remember-me that is switched off is not granted, and ends what it granted', async (t) => {
  const { signIn, identify } = await sessionsFor(t)
  const off = { ...DOMAIN, rememberMe: 0 }
  const { session } = await signIn('alice', { remember: true, domain: off })
  assert.equal(session.record.remembered, false)
  const { value } = await signIn('alice', { remember: true })
  assert.equal(await identify(value, off), undefined)
})

test('lifetimes made shorter hold at once for sessions that exist', async (t) => {
  const { signIn, identify, clock } = await sessionsFor(t)
  const { value } = await signIn()
  clock.advance(2 * MINUTE)
  assert.ok(await identify(value, DOMAIN, { touch: false }))
  assert.equal(await identify(value, { ...DOMAIN, inactivity: MINUTE }), undefined)
})

test('activity is written at most once in a tenth of the inactivity, in one go', async (t) => {
  const { signIn, identify, clock, path, sessions } = await sessionsFor(t)
  const { value, session } = await signIn()
  const raw = new DatabaseSync(path, { readOnly: true })
  t.after(() => raw.close())
  const read = raw.prepare('SELECT version, last_seen_at FROM session_facts WHERE key = ?')
  const stored = () => ({ ...read.get(session.record.key) })
  clock.advance(29 * SECOND)
  await identify(value)
  await sessions.sweep()
  assert.deepEqual(stored(), { version: 1, last_seen_at: START })
  clock.advance(SECOND)
  await identify(value)
  await sessions.sweep()
  assert.deepEqual(stored(), { version: 2, last_seen_at: START + 30 * SECOND })
  await identify(value)
  await sessions.sweep()
  assert.deepEqual(stored(), { version: 2, last_seen_at: START + 30 * SECOND })
})

test('a cookie of one cookie domain is nothing at another, and stays alive at home', async (t) => {
  const { signIn, identify, current } = await sessionsFor(t)
  const { value, cookies } = await signIn()
  assert.equal(await identify(value, OTHER_DOMAIN), undefined)
  assert.equal(await current(cookies, OTHER_DOMAIN), undefined)
  assert.ok(await identify(value))
  assert.equal(await identify(value, OTHER_DOMAIN), undefined)
})

test('COO-05 with two session cookies nobody is signed in; signing out ends both and deletes what was tossed', async (t) => {
  const { signIn, current, identify, sessions } = await sessionsFor(t)
  const victim = await signIn('alice')
  const attacker = await signIn('mallory')
  for (const both of [`${victim.cookies}; ${attacker.cookies}`, `${attacker.cookies}; ${victim.cookies}`]) {
    assert.equal(await current(both), undefined)
  }
  const { request, response, cookies } = exchange(`${attacker.cookies}; ${victim.cookies}`)
  await sessions.end(request, response, DOMAIN)
  assert.equal(await identify(victim.value), undefined)
  assert.equal(await identify(attacker.value), undefined)
  assert.deepEqual(
    cookies().map((line) => line.replace(/Expires=[^;]*; /, '')),
    [
      `${DOMAIN.name}=; Domain=example.com; Path=/; HttpOnly; Secure; SameSite=Lax`,
      `${DOMAIN.name}=; Path=/; HttpOnly; Secure; SameSite=Lax`,
      `${PORTAL_COOKIE}=; Path=/; HttpOnly; Secure; SameSite=Lax`,
    ],
  )
})

test('COO-05 what an application can steal or toss is not enough at the portal', async (t) => {
  const { signIn, current } = await sessionsFor(t)
  const alice = await signIn('alice')
  const mallory = await signIn('mallory')
  const session = `${DOMAIN.name}=${alice.value}`
  const portal = `${PORTAL_COOKIE}=${cookieValue(mallory.cookies, PORTAL_COOKIE)}`
  assert.equal((await current(alice.cookies))?.hasPortalCookie, true)
  assert.equal((await current(session))?.hasPortalCookie, false)
  assert.equal((await current(`${session}; ${portal}`))?.hasPortalCookie, false)
  assert.equal((await current(`${alice.cookies}; ${portal}`))?.hasPortalCookie, false)
  assert.equal((await current(`${session}; ${PORTAL_COOKIE}=${alice.value}`))?.hasPortalCookie, false)
})

test('COO-08 reading sets no cookie, and visitors without a session leave nothing behind', async (t) => {
  const { sessions, current, identify, signIn } = await sessionsFor(t)
  for (let i = 0; i < 200; i++) {
    assert.equal(await current('a=b'), undefined)
    assert.equal(await identify(`s%3A${'B'.repeat(43)}.${i}`), undefined)
  }
  assert.equal(sessions.count(), 0)
  const anonymous = exchange('a=b')
  await sessions.end(anonymous.request, anonymous.response, DOMAIN)
  assert.deepEqual(anonymous.cookies(), [])
  const { cookies } = await signIn()
  const visit = exchange(cookies)
  await sessions.current(visit.request, DOMAIN)
  assert.deepEqual(visit.cookies(), [])
})

test('SES-12 a session id anywhere but in its cookie is ignored', async (t) => {
  const { signIn, sessions } = await sessionsFor(t)
  const { value } = await signIn()
  const { request } = exchange(undefined, { authorization: `Bearer ${value}`, 'x-session-id': value })
  request.url = `/api/state?${DOMAIN.name}=${value};jsessionid=${value}`
  assert.equal(await sessions.current(request, DOMAIN), undefined)
})

test('SES-06 signing out ends the session here and now, and again does no harm', async (t) => {
  const { signIn, identify, sessions } = await sessionsFor(t)
  const { value, cookies } = await signIn()
  const other = await signIn()
  assert.ok(await identify(value))
  for (let i = 0; i < 2; i++) {
    const { request, response, cookies: lines } = exchange(cookies)
    await sessions.end(request, response, DOMAIN)
    assert.equal(lines().length, 2)
    assert.equal(await identify(value), undefined)
  }
  assert.ok(await identify(other.value))
})

test('SES-07 what was under way when the session ended does not bring it back', async (t) => {
  const { signIn, current, identify, sessions, clock } = await sessionsFor(t)
  const { value, cookies } = await signIn()
  const slow = await current(cookies)
  assert.ok(slow)
  clock.advance(MINUTE)
  await identify(value)
  const out = exchange(cookies)
  await sessions.end(out.request, out.response, DOMAIN)
  assert.equal(await sessions.setPending(DOMAIN, slow, 'late'), false)
  const late = exchange(cookies)
  assert.equal(await sessions.renew(late.request, late.response, DOMAIN, slow, { level: 2 }), undefined)
  assert.deepEqual(late.cookies(), [])
  await sessions.flush()
  assert.equal(await identify(value), undefined)
  assert.equal(sessions.count(), 0)
})

test('SES-08 of many rises at once one counts, and no activity or change is lost', async (t) => {
  const { signIn, current, identify, sessions, clock } = await sessionsFor(t)
  for (let round = 0; round < 100; round++) {
    const { value, cookies } = await signIn()
    const here = await current(cookies)
    assert.ok(here)
    clock.advance(SECOND)
    const rises = Array.from({ length: 3 }, () => exchange(cookies))
    const results = await Promise.all([
      sessions.setPending(DOMAIN, here, `begun ${round}`),
      identify(value),
      sessions.flush(),
      ...rises.map(({ request, response }) => sessions.renew(request, response, DOMAIN, here, { level: 2 })),
    ])
    const risen = results.slice(3).filter((result) => result !== undefined)
    assert.equal(risen.length, 1)
    const [line] = rises.map((rise) => jar(rise.cookies())).filter((cookie) => cookie !== '')
    const now = await current(line ?? '')
    assert.equal(now?.record.level, 2)
    assert.equal(now?.pending, `begun ${round}`)
    assert.equal(await identify(value), undefined)
  }
})

test('a rise keeps remember-me, creation, end and what is pending; a fresh password is noted; a sign-in starts anew', async (t) => {
  const { signIn, current, sessions, clock } = await sessionsFor(t)
  const { cookies, session } = await signIn('alice', { remember: true })
  assert.equal(session.passwordProvenAt, START)
  assert.ok(await sessions.setPending(DOMAIN, session, 'secret'))
  clock.advance(HOUR)
  const here = await current(cookies)
  assert.ok(here)
  assert.equal(here.pending, 'secret')
  const rise = exchange(cookies)
  const proven = clock.now()
  await sessions.renew(rise.request, rise.response, DOMAIN, here, { level: 2, passwordProvenAt: proven })
  const risen = await current(jar(rise.cookies()))
  assert.equal(risen?.record.level, 2)
  assert.equal(risen?.record.remembered, true)
  assert.equal(risen?.record.createdAt, START)
  assert.equal(risen?.record.expiresAt, START + 30 * DAY)
  assert.equal(risen?.passwordProvenAt, proven)
  assert.equal(risen?.pending, 'secret')
  assert.equal(risen?.hasPortalCookie, true)
  assert.ok(rise.cookies()[1]?.includes(new Date(START + 30 * DAY).toUTCString()))
  assert.ok(risen && (await sessions.setPending(DOMAIN, risen, undefined)))
  assert.equal((await current(jar(rise.cookies())))?.pending, undefined)
  const anew = await signIn('alice', { cookie: jar(rise.cookies()) })
  assert.equal(anew.session.record.level, 1)
})

test('signing in and rising within one answer sets each cookie once, that of the risen session', async (t) => {
  const { sessions, current } = await sessionsFor(t)
  const { request, response, cookies } = exchange()
  response.setHeader('Set-Cookie', 'language=de')
  const start = { username: 'alice', remember: false, from: '' }
  const begun = await sessions.begin(request, response, DOMAIN, start)
  assert.ok(await sessions.renew(request, response, DOMAIN, begun, { level: 2 }))
  assert.deepEqual(
    cookies().map((line) => line.slice(0, line.indexOf('='))),
    ['language', DOMAIN.name, PORTAL_COOKIE],
  )
  assert.equal((await current(jar(cookies())))?.record.level, 2)
  assert.equal(sessions.count(), 1)
})

test('SES-10 sessions are listed with where they came from, and one is ended by its handle at once', async (t) => {
  const { signIn, identify, sessions, clock } = await sessionsFor(t)
  const first = await signIn('alice')
  clock.advance(MINUTE)
  const second = await signIn('alice')
  await signIn('bob', { domain: OTHER_DOMAIN })
  await identify(first.value)
  const list = await sessions.list({ username: 'alice' })
  assert.deepEqual(
    list.map((item) => item.key),
    [second.session.record.key, first.session.record.key],
  )
  assert.deepEqual(list[1], {
    key: first.session.record.key,
    domain: 'example.com',
    username: 'alice',
    level: 1,
    createdAt: START,
    lastSeenAt: START + MINUTE,
    address: '203.0.113.7',
    userAgent: 'test browser',
  })
  assert.equal((await sessions.list()).length, 3)
  assert.equal((await sessions.list({ domain: 'example.org' })).length, 1)
  assert.equal(await sessions.revoke(first.session.record.key), true)
  assert.equal(await sessions.revoke(first.session.record.key), false)
  assert.equal(await sessions.revoke(first.value), false)
  assert.equal(await identify(first.value), undefined)
  assert.ok(await identify(second.value))
})

test('SES-09 ending all sessions of a user spares the one that asked, and later sign-ins', async (t) => {
  const { signIn, identify, sessions } = await sessionsFor(t)
  const here = await signIn('alice')
  const there = await signIn('alice')
  const elsewhere = await signIn('alice', { domain: OTHER_DOMAIN })
  const bob = await signIn('bob')
  for (const { value } of [here, there, bob]) assert.ok(await identify(value))
  assert.equal(await sessions.revokeUser('alice', { key: here.session.record.key }), 2)
  assert.equal((await identify(here.value))?.epoch, 1)
  assert.equal(await identify(there.value), undefined)
  assert.equal(await identify(elsewhere.value, OTHER_DOMAIN), undefined)
  assert.ok(await identify(bob.value))
  const later = await signIn('alice')
  assert.equal((await identify(later.value))?.epoch, 1)
  assert.equal(await sessions.revokeUser('alice'), 2)
  assert.equal(await identify(here.value), undefined)
  assert.equal(await identify(later.value), undefined)
})

test('SES-09 a key of somebody else’s does not survive as the exception', async (t) => {
  const { signIn, identify, sessions } = await sessionsFor(t)
  const alice = await signIn('alice')
  const bob = await signIn('bob')
  assert.equal(await sessions.revokeUser('alice', { key: bob.session.record.key }), 1)
  assert.equal(await identify(alice.value), undefined)
  assert.equal((await identify(bob.value))?.epoch, 0)
})

test('what another process ends is refused at the next turn of the event loop', async (t) => {
  const server = await sessionsFor(t)
  const command = await sessionsFor(t, { path: server.path })
  const one = await server.signIn('alice')
  const two = await server.signIn('alice')
  assert.ok(await server.identify(one.value))
  assert.ok(await server.identify(two.value))
  assert.equal((await command.sessions.list()).length, 2)
  await command.sessions.revoke(one.session.record.key)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await server.identify(one.value), undefined)
  assert.ok(await server.identify(two.value))
  await command.sessions.revokeUser('alice')
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(await server.identify(two.value), undefined)
  await server.sessions.flush()
  assert.equal(server.sessions.count(), 0)
})

test('LIF-01 users who vanish keep their sessions for ten minutes and lose them then; who comes back keeps them', async (t) => {
  const { signIn, identify, sessions, clock } = await sessionsFor(t)
  const alice = await signIn('alice', { remember: true })
  const bob = await signIn('bob', { remember: true })
  const nobody = () => 'unknown' as const
  assert.equal(await sessions.forgetUsers(nobody), 0)
  clock.advance(5 * MINUTE)
  assert.equal(await sessions.forgetUsers((name) => (name === 'bob' ? 'known' : 'unknown')), 0)
  clock.advance(5 * MINUTE)
  assert.equal(await sessions.forgetUsers(nobody), 1)
  assert.equal(await identify(alice.value), undefined)
  assert.ok(await identify(bob.value))
  clock.advance(10 * MINUTE)
  assert.equal(await sessions.forgetUsers(nobody), 1)
  assert.equal(await identify(bob.value), undefined)
})

test('LIF-01 the sessions of a disabled user end at once, and stay ended', async (t) => {
  const { signIn, identify, sessions } = await sessionsFor(t)
  const alice = await signIn('alice', { remember: true })
  const bob = await signIn('bob')
  assert.equal(await sessions.forgetUsers((name) => (name === 'alice' ? 'disabled' : 'known')), 1)
  assert.equal(await sessions.forgetUsers(() => 'known'), 0)
  assert.equal(await identify(alice.value), undefined)
  assert.ok(await identify(bob.value))
})

test('the sweep removes what has expired and nothing else', async (t) => {
  const { signIn, identify, sessions, clock } = await sessionsFor(t)
  for (let i = 0; i < 600; i++) await signIn(`user-${i}`)
  const used = await signIn('alice')
  const remembered = await signIn('bob', { remember: true })
  for (let minute = 0; minute < 7; minute++) {
    clock.advance(MINUTE)
    assert.ok(await identify(used.value))
  }
  assert.equal(await sessions.sweep(), 600)
  assert.equal(sessions.count(), 2)
  assert.ok(await identify(used.value))
  assert.ok(await identify(remembered.value))
})

test('DEP-01 when the database can’t be asked or written, nobody is let in and no cookie is set', async (t) => {
  const { signIn, sessions, path } = await sessionsFor(t)
  const { value, cookies } = await signIn()
  const raw = new DatabaseSync(path)
  raw.exec('ALTER TABLE session_facts RENAME TO elsewhere')
  raw.close()
  assert.throws(() => sessions.identify(DOMAIN, value))
  await assert.rejects(sessions.current(exchange(cookies).request, DOMAIN))
  const { request, response, cookies: lines } = exchange(cookies)
  const start = { username: 'alice', remember: false, from: '' }
  await assert.rejects(sessions.begin(request, response, DOMAIN, start))
  await assert.rejects(sessions.end(request, response, DOMAIN))
  assert.deepEqual(lines(), [])
})

test('a file that is no session database is a Fault', async (t) => {
  const path = join(temporaryFolder(t), 'x.sqlite3')
  writeFileSync(path, 'not a database'.repeat(100))
  await assert.rejects(
    openSessions({ path, secret: SECRET, clock: { now: () => START } }),
    (error: unknown) => error instanceof Fault && error.code === 'database-unreadable',
  )
})

test('lifetimes made longer do not lengthen what was promised to a session', async (t) => {
  const { signIn, identify, clock } = await sessionsFor(t)
  const longer = { ...DOMAIN, inactivity: DAY, expiration: DAY, rememberMe: 60 * DAY }
  const normal = await signIn()
  const remembered = await signIn('alice', { remember: true })
  clock.set(START + HOUR - 1)
  assert.ok(await identify(normal.value, longer, { touch: false }))
  clock.set(START + HOUR)
  assert.equal(await identify(normal.value, longer, { touch: false }), undefined)
  clock.set(START + 30 * DAY - 1)
  assert.ok(await identify(remembered.value, longer, { touch: false }))
  clock.set(START + 30 * DAY)
  assert.equal(await identify(remembered.value, longer, { touch: false }), undefined)
})

test('a change to a session keeps the activity that was not stored yet', async (t) => {
  const { signIn, identify, sessions, clock } = await sessionsFor(t)
  const { value, session } = await signIn()
  clock.advance(20 * SECOND)
  assert.ok(await identify(value))
  assert.ok(await sessions.setPending(DOMAIN, session, 'begun'))
  clock.advance(5 * MINUTE)
  assert.ok(await identify(value))
})

test('SES-08 activity that is stored late does not undo what another process changed', async (t) => {
  const server = await sessionsFor(t)
  const other = await sessionsFor(t, { path: server.path })
  const { value, session, cookies } = await server.signIn()
  server.clock.advance(MINUTE)
  assert.ok(await server.identify(value))
  assert.ok(await other.sessions.setPending(DOMAIN, session, 'begun elsewhere'))
  await server.sessions.flush()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal((await server.current(cookies))?.pending, 'begun elsewhere')
})

test('signing in with two session cookies ends both, and deletes what was tossed', async (t) => {
  const { signIn, identify } = await sessionsFor(t)
  const one = await signIn('alice')
  const two = await signIn('mallory')
  const { value, lines } = await signIn('alice', { cookie: `${one.cookies}; ${two.cookies}` })
  assert.equal(await identify(one.value), undefined)
  assert.equal(await identify(two.value), undefined)
  assert.ok(await identify(value))
  assert.equal(lines.filter((line) => line.startsWith(`${DOMAIN.name}=;`) && !line.includes('Domain=')).length, 1)
})

test('SES-01 a rise ends the earlier id also when the request did not carry it', async (t) => {
  const { signIn, identify, sessions } = await sessionsFor(t)
  const { value, session } = await signIn()
  assert.ok(await identify(value))
  const { request, response } = exchange()
  assert.ok(await sessions.renew(request, response, DOMAIN, session, { level: 2 }))
  assert.equal(await identify(value), undefined)
  assert.equal(sessions.count(), 1)
})

test('a session older than its user’s epoch is dead even while its row is there', async (t) => {
  const { signIn, identify, sessions, path } = await sessionsFor(t)
  const { value, session } = await signIn()
  const raw = new DatabaseSync(path)
  raw.exec("INSERT INTO epochs VALUES ('alice', 1)")
  raw.close()
  assert.equal(await sessions.setPending(DOMAIN, session, 'late'), false)
  assert.equal(await identify(value), undefined)
})

test('the sweep spares sessions whose activity waits to be stored', async (t) => {
  const { signIn, identify, sessions, clock } = await sessionsFor(t)
  const values: string[] = []
  for (let i = 0; i < 300; i++) values.push((await signIn(`user-${i}`)).value)
  clock.advance(4 * MINUTE + 59 * SECOND)
  for (const value of values) assert.ok(await identify(value))
  clock.advance(90 * SECOND)
  assert.equal(await sessions.sweep(), 0)
  assert.equal(sessions.count(), 300)
})

test('another secret while running: all sessions are dead, new ones live, and with the earlier one the first live again', async (t) => {
  const { signIn, identify, current, sessions } = await sessionsFor(t)
  const old = await signIn()
  assert.ok(await identify(old.value))
  sessions.changeSecret('another secret for tests')
  assert.equal(await identify(old.value), undefined)
  assert.equal(await current(old.cookies), undefined)
  assert.deepEqual(await sessions.list(), [])
  assert.equal(sessions.countOpen(), 0)
  const young = await signIn('bob')
  assert.equal((await identify(young.value))?.username, 'bob')
  assert.equal(sessions.countOpen(), 1)
  sessions.changeSecret(SECRET)
  assert.equal((await identify(old.value))?.username, 'alice')
  assert.equal(await identify(young.value), undefined)
})

test('a secret can only be changed as a whole: where activity can not be stored, the old one stays', async (t) => {
  const { signIn, identify, sessions, path } = await sessionsFor(t)
  const { value } = await signIn()
  assert.ok(await identify(value))
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  assert.throws(() => sessions.changeSecret('another secret for tests'))
  other.exec('ROLLBACK')
  other.close()
  assert.ok(await identify(value))
})
