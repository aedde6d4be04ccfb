import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ACTIONS, type AdminServices } from '../../src/admin/actions.ts'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { createTrail } from '../../src/audit/trail.ts'
import { Fault } from '../../src/base/fault.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { memoryLog } from '../login/fixture.ts'
import { MINUTE, START, sessionsFor } from '../session/sessions-fixture.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

async function servicesFor(t: TestContext) {
  const { sessions, clock, signIn, identify } = await sessionsFor(t)
  const path = join(temporaryFolder(t), 'db.sqlite3')
  const storage = await openStorage({ path, encryptionKey: 'for tests only, twenty bytes', clock })
  t.after(() => storage.close())
  const events: AuditEvent[] = []
  const trail = createTrail({ events: storage.events, clock, log: memoryLog() })
  const audit: AdminServices['audit'] = {
    ...trail,
    async record(event) {
      events.push(event)
      await trail.record(event)
    },
  }
  const services: AdminServices = { storage, sessions, audit, clock }
  return { services, events, clock, signIn, identify }
}
const refused = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Fault, `${error}`)
  assert.deepEqual([error.code, error.exitCode], ['admin-parameters', 2])
  assert.match(error.message, pattern)
  return true
}

test('sessions are ended by handle, by user, or all, and are dead at once', async (t) => {
  const { services, signIn, identify } = await servicesFor(t)
  const [first, second, bobs] = [await signIn('alice'), await signIn('alice'), await signIn('bob')]
  const key = first.session.record.key
  assert.equal((await ACTIONS['sessions.list'](services, { username: 'alice' })).length, 2)
  assert.deepEqual(await ACTIONS['sessions.revoke'](services, { handle: key.slice(0, 8).toUpperCase() }), {
    kind: 'revoked',
    count: 1,
    usernames: ['alice'],
  })
  assert.equal(await identify(first.value), undefined)
  assert.equal((await identify(second.value))?.username, 'alice')
  assert.deepEqual(await ACTIONS['sessions.revoke'](services, { handle: key }), {
    kind: 'revoked',
    count: 0,
    usernames: [],
  })
  const third = await signIn('alice')
  assert.deepEqual(await ACTIONS['sessions.revoke'](services, { username: 'alice' }), {
    kind: 'revoked',
    count: 2,
    usernames: ['alice'],
  })
  assert.equal(await identify(third.value), undefined)
  assert.equal((await identify(bobs.value))?.username, 'bob')
  assert.deepEqual(await ACTIONS['sessions.revoke'](services, { all: true }), {
    kind: 'revoked',
    count: 1,
    usernames: ['bob'],
  })
  assert.equal(await identify(bobs.value), undefined)
})

test('a handle that several keys begin with ends none of them', async (t) => {
  const { services } = await servicesFor(t)
  const listing = {
    domain: 'x',
    username: 'a',
    level: 1,
    createdAt: 0,
    lastSeenAt: 0,
    address: '',
    userAgent: '',
  } as const
  const revoked: string[] = []
  const sessions = {
    ...services.sessions,
    list: async () => ['abcdef01', 'abcdef02'].map((key) => ({ ...listing, key })),
    revoke: async (key: string) => revoked.push(key) > 0,
  }
  const asked = (handle: string) => ACTIONS['sessions.revoke']({ ...services, sessions }, { handle })
  assert.deepEqual(await asked('abcdef0'), { kind: 'ambiguous', keys: ['abcdef01', 'abcdef02'] })
  assert.deepEqual(revoked, [])
  assert.equal((await asked('abcdef02')).kind, 'revoked')
  assert.deepEqual(revoked, ['abcdef02'])
})

test('a ban holds until its end or until it is lifted, and is what regulation looks for', async (t) => {
  const { services, clock } = await servicesFor(t)
  const { storage } = services
  const user = await ACTIONS['bans.add'](services, { kind: 'user', value: 'alice', duration: MINUTE, reason: 'why' })
  assert.deepEqual([user.expiresAt, user.source, user.reason], [START + MINUTE, 'cli', 'why'])
  const network = await ACTIONS['bans.add'](services, { kind: 'ip', value: '2001:DB8:0:1::5/64' })
  assert.deepEqual([network.value, network.expiresAt], ['2001:db8:0:1::/64', null])
  await ACTIONS['bans.add'](services, { kind: 'ip', value: '::ffff:203.0.113.7' })
  assert.ok(await storage.bans.active('ip', '203.0.113.7', clock.now()))
  assert.equal((await ACTIONS['bans.list'](services, { kind: 'ip' })).length, 2)

  clock.advance(MINUTE)
  assert.deepEqual(
    (await ACTIONS['bans.list'](services, {})).map(({ value }) => value),
    ['203.0.113.7', '2001:db8:0:1::/64'],
  )
  assert.deepEqual(await ACTIONS['bans.revoke'](services, { kind: 'user', id: network.id }), [])
  assert.equal((await ACTIONS['bans.revoke'](services, { id: network.id })).length, 1)
  assert.equal((await ACTIONS['bans.revoke'](services, { kind: 'ip', value: '203.0.113.7' })).length, 1)
  assert.deepEqual(await ACTIONS['bans.list'](services, undefined), [])
})

test('devices are saved all or none, and taken away', async (t) => {
  const { services } = await servicesFor(t)
  const device = { username: 'alice', issuer: 'x', algorithm: 'SHA1', digits: 6, period: 30, secret: 'c2VjcmV0' }
  assert.deepEqual(await ACTIONS['totp.save'](services, { devices: [device] }), { saved: 1, inTheWay: [] })
  const two = { devices: [{ ...device, username: 'bob' }, device] }
  assert.deepEqual(await ACTIONS['totp.save'](services, two), { saved: 0, inTheWay: ['alice'] })
  assert.equal(await services.storage.totp.find('bob'), undefined)
  assert.deepEqual(await ACTIONS['totp.save'](services, { ...two, force: true }), { saved: 2, inTheWay: [] })
  assert.equal(Buffer.from((await services.storage.totp.find('bob'))?.secret ?? []).toString(), 'secret')
  assert.deepEqual(await ACTIONS['totp.delete'](services, { username: 'bob' }), { deleted: true })
  assert.deepEqual(await ACTIONS['totp.delete'](services, { username: 'bob' }), { deleted: false })
})

test('whatever comes through the socket and makes no sense is refused, and nothing is done', async (t) => {
  const { services, signIn, identify } = await servicesFor(t)
  const { value } = await signIn('alice')
  for (const params of [
    null,
    [],
    'x',
    {},
    { handle: 'ab' },
    { handle: '%' },
    { username: 'a', all: true },
    { all: 'yes' },
    { username: 1 },
  ])
    await assert.rejects(ACTIONS['sessions.revoke'](services, params), refused(/must be/))
  for (const params of [
    {},
    { kind: 'user' },
    { kind: 'user', value: '' },
    { kind: 'host', value: 'x' },
    { kind: 'ip', value: 'nonsense' },
    { kind: 'ip', value: '10.0.0.0/8' },
    { kind: 'ip', value: '10.0.0.1', duration: -1 },
    { kind: 'ip', value: '10.0.0.1', duration: 0 },
    { kind: 'ip', value: '10.0.0.1', duration: 1.5 },
  ])
    await assert.rejects(ACTIONS['bans.add'](services, params), refused(/must be/))
  await assert.rejects(ACTIONS['attempts.prune'](services, {}), refused(/olderThan/))
  await assert.rejects(
    ACTIONS['identifiers.add'](services, { identifiers: [{ service: 'openid', username: 'a', identifier: 'x' }] }),
    refused(/UUID/),
  )
  await assert.rejects(ACTIONS['totp.save'](services, { devices: [{ username: 'a' }] }), refused(/secret/))
  assert.equal((await identify(value))?.username, 'alice')
  assert.deepEqual(await ACTIONS['bans.list'](services, {}), [])
})

test('second factors are seen without their secrets, and all of them taken away at once', async (t) => {
  const { services, events, signIn, identify, clock } = await servicesFor(t)
  const { storage } = services
  const device = { issuer: 'example.com', algorithm: 'SHA1', digits: 6, period: 30 } as const
  for (const username of ['alice', 'bob']) {
    const secret = new Uint8Array(20).fill(7)
    await storage.totp.save({ ...device, username, secret, createdAt: START, lastUsedAt: undefined })
    await storage.browsers.trust(
      { id: `browser of ${username}`, username, userAgent: 'Firefox', network: '203.0.113.0/24', now: START },
      START + 10 * MINUTE,
      'stamp',
    )
  }
  const passkey = {
    attestationType: 'None',
    attestationFormat: 'none',
    attachment: 'platform',
    transports: [],
    aaguid: '',
    signCount: 0,
    cloneWarning: false,
    legacy: false,
    discoverable: true,
    present: true,
    verified: true,
    backupEligible: false,
    backupState: false,
    createdAt: START,
    lastUsedAt: undefined,
    publicKey: Uint8Array.of(1),
    attestation: new Uint8Array(),
    rpId: 'auth.example.com',
  }
  for (const [username, description] of [
    ['alice', 'Laptop'],
    ['alice', 'Key'],
    ['bob', 'Key'],
  ] as const)
    await storage.webauthn.add({ ...passkey, username, description, kid: `${username}-${description}` }, 10)
  await storage.duo.save('alice', { device: 'phone', method: 'push' })
  const codes = ['AAAABBBBCCCC', 'DDDDEEEEFFFF']
  assert.deepEqual(await ACTIONS['factors.save-recovery-codes'](services, { username: 'alice', codes }), { saved: 2 })
  await storage.recovery.consume('alice', 'AAAABBBBCCCC', START + 5)
  for (let i = 0; i < 6; i++) await storage.recovery.countFailure('alice', START)
  for (let i = 0; i < 6; i++) await storage.totp.countFailure('alice', START)
  const alice = await signIn('alice')
  const bob = await signIn('bob')
  const listed = await ACTIONS['factors.list'](services, { username: 'alice' })
  assert.deepEqual(listed, {
    username: 'alice',
    totp: { createdAt: START, lastUsedAt: null, issuer: 'example.com' },
    passkeys: ['Laptop', 'Key'].map((description) => ({
      id: listed.passkeys.find((known) => known.description === description)?.id,
      rpId: 'auth.example.com',
      description,
      createdAt: START,
      lastUsedAt: null,
      cloneWarning: false,
    })),
    duo: { device: 'phone', method: 'push' },
    recoveryCodes: { createdAt: START, total: 2, left: 1, lastUsedAt: START + 5 },
    trustedBrowsers: [
      { userAgent: 'Firefox', network: '203.0.113.0/24', lastSeen: START, trustedUntil: START + 10 * MINUTE },
    ],
    preferred: null,
  })
  assert.deepEqual(await ACTIONS['factors.reset'](services, { username: 'alice' }), {
    removed: ['totp', 'webauthn', 'duo', 'recovery'],
    browsers: 1,
    sessions: 1,
  })
  assert.equal(await identify(alice.value), undefined)
  assert.equal((await identify(bob.value))?.username, 'bob')
  const left = await ACTIONS['factors.list'](services, { username: 'alice' })
  assert.deepEqual(left, {
    username: 'alice',
    totp: null,
    passkeys: [],
    duo: null,
    recoveryCodes: null,
    trustedBrowsers: [],
    preferred: null,
  })
  assert.equal((await storage.webauthn.list({ username: 'bob' })).length, 1)
  assert.equal((await storage.recovery.failures('alice')).failures, 0)
  assert.equal((await storage.totp.failures('alice')).failures, 0)
  assert.deepEqual(
    events.map(({ kind, username, from, subject }) => [kind, username, from, subject]),
    [
      ['recovery-codes-made', 'alice', 'cli', 'recovery'],
      ['factor-removed', 'alice', 'cli', 'totp'],
      ['factor-removed', 'alice', 'cli', 'webauthn: Laptop'],
      ['factor-removed', 'alice', 'cli', 'webauthn: Key'],
      ['factor-removed', 'alice', 'cli', 'duo'],
      ['recovery-codes-removed', 'alice', 'cli', 'recovery'],
      ['browser-forgotten', 'alice', 'cli', '1'],
      ['sessions-ended', 'alice', 'cli', '1'],
    ],
  )
  assert.deepEqual(await ACTIONS['factors.reset'](services, { username: 'alice' }), {
    removed: [],
    browsers: 0,
    sessions: 0,
  })
  clock.advance(10 * MINUTE)
  const later = await ACTIONS['factors.list'](services, { username: 'bob' })
  assert.deepEqual(later.trustedBrowsers, [], 'a trust that is over is none')
  assert.equal((await ACTIONS['totp.delete'](services, { username: 'bob' })).deleted, true)
  assert.equal((await storage.browsers.find('browser of bob', 'bob'))?.trustedUntil, undefined)
  await assert.rejects(
    ACTIONS['factors.save-recovery-codes'](services, { username: 'alice', codes: ['AAAABBBBCCCC', ''] }),
    refused(/codes/),
  )
  await assert.rejects(ACTIONS['factors.reset'](services, {}), refused(/username/))
})

test('SES-09 factors are taken away after the sessions in which new ones could be set up have ended', async (t) => {
  const { services } = await servicesFor(t)
  const order: string[] = []
  const noting = <T extends object>(name: string, inner: T): T =>
    new Proxy(inner, {
      get(target, property) {
        const value = Reflect.get(target, property)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          order.push(`${name}.${String(property)}`)
          return value.apply(target, args)
        }
      },
    })
  const { storage, sessions } = services
  const watched = {
    ...services,
    sessions: noting('sessions', sessions),
    storage: { ...storage, totp: noting('totp', storage.totp), webauthn: noting('webauthn', storage.webauthn) },
  }
  await ACTIONS['factors.reset'](watched, { username: 'alice' })
  const ended = order.indexOf('sessions.revokeUser')
  assert.ok(ended >= 0 && ended < order.indexOf('totp.delete') && ended < order.indexOf('webauthn.list'), `${order}`)
  assert.equal(order.at(-1), 'sessions.revokeUser', 'and those that began meanwhile')
})

test('every answer survives JSON', async (t) => {
  const { services, signIn } = await servicesFor(t)
  await signIn('alice')
  await services.storage.attempts.add({
    time: 1,
    successful: false,
    banned: false,
    username: 'alice',
    kind: '1FA',
    remoteAddress: '203.0.113.7',
    requestUri: '',
    requestMethod: '',
    userAgent: '',
  })
  const identifiers = [{ service: 'openid', username: 'a', identifier: 'f0919359-9d15-4e15-bcba-83b41620a073' }]
  const asked: Record<keyof typeof ACTIONS, unknown> = {
    'bans.add': { kind: 'user', value: 'x' },
    'bans.list': {},
    'bans.revoke': { kind: 'user', value: 'x' },
    'identifiers.add': { identifiers },
    'identifiers.list': {},
    'attempts.list': {},
    'attempts.stats': {},
    'attempts.prune': { olderThan: 0 },
    'resets.add': { id: 'x', username: 'alice', binding: 'AAAA', createdAt: 1, expiresAt: 2 },
    'events.list': {},
    'events.record': { events: [{ kind: 'user-added', username: 'x' }] },
    'totp.save': { devices: [] },
    'totp.delete': { username: 'x' },
    'webauthn.list': {},
    'webauthn.save': { credentials: [] },
    'webauthn.delete': { username: 'x' },
    'factors.list': { username: 'x' },
    'factors.reset': { username: 'x' },
    'factors.save-recovery-codes': { username: 'x', codes: ['AAAABBBBCCCC'] },
    'sessions.list': {},
    'sessions.revoke': { all: true },
  }
  for (const [name, params] of Object.entries(asked)) {
    const answer = await ACTIONS[name as keyof typeof ACTIONS](services, params)
    assert.deepEqual(JSON.parse(JSON.stringify(answer)), answer, name)
  }
})

test('every action that changes something is recorded as done by a command; what changes nothing is not', async (t) => {
  const { services, signIn } = await servicesFor(t)
  const recorded = async () => {
    const events = await ACTIONS['events.list'](services, { after: 0 })
    return events.map(({ kind, username, from, subject, reason }) => [kind, username, from, subject, reason].join(' '))
  }
  const first = await signIn('alice')
  await signIn('alice')
  await signIn('bob')
  const { key } = first.session.record
  await ACTIONS['sessions.revoke'](services, { handle: key })
  await ACTIONS['sessions.revoke'](services, { handle: key })
  await ACTIONS['sessions.revoke'](services, { username: 'bob' })
  await ACTIONS['sessions.revoke'](services, { all: true })
  await ACTIONS['sessions.revoke'](services, { username: 'alice' })
  await ACTIONS['bans.add'](services, { kind: 'user', value: 'alice', reason: 'free words of the operator' })
  await ACTIONS['bans.add'](services, { kind: 'ip', value: '203.0.113.7' })
  await ACTIONS['bans.revoke'](services, { kind: 'ip', value: '203.0.113.7' })
  await ACTIONS['bans.revoke'](services, { kind: 'ip', value: '203.0.113.7' })
  const device = { username: 'bob', secret: 'c2VjcmV0', algorithm: 'SHA1', digits: 6, period: 30 }
  await ACTIONS['totp.save'](services, { devices: [device] })
  await ACTIONS['totp.save'](services, { devices: [device] })
  await ACTIONS['totp.delete'](services, { username: 'bob' })
  await ACTIONS['totp.delete'](services, { username: 'bob' })
  await ACTIONS['attempts.prune'](services, { olderThan: 0 })
  const identifier = 'f0919359-9d15-4e15-bcba-83b41620a073'
  await ACTIONS['identifiers.add'](services, { identifiers: [{ service: 'openid', username: 'bob', identifier }] })
  await ACTIONS['events.record'](services, {
    events: [
      { kind: 'user-changed', username: 'bob', subject: 'email' },
      { kind: 'key-changed', username: '' },
    ],
  })
  assert.deepEqual(await recorded(), [
    'session-ended alice cli  by-hand',
    'sessions-ended bob cli 1 by-hand',
    'sessions-ended alice cli 1 by-hand',
    'banned alice cli  by-hand',
    'banned  cli 203.0.113.7 by-hand',
    'ban-lifted  cli 203.0.113.7 by-hand',
    'factor-added bob cli totp ',
    'factor-removed bob cli totp ',
    'attempts-deleted  cli 0 ',
    'identifiers-added bob cli 1 ',
    'user-changed bob cli email ',
    'key-changed  cli  ',
  ])
  const [ended] = await ACTIONS['events.list'](services, { kinds: ['session-ended'] })
  assert.equal(ended?.session, key)
  assert.ok(!JSON.stringify(await ACTIONS['events.list'](services, {})).includes('c2VjcmV0'))
})

test('commands record as events only what commands do, under no other name than theirs', async (t) => {
  const { services } = await servicesFor(t)
  for (const events of [
    [{ kind: 'sign-in', username: 'alice' }],
    [{ kind: 'made-up', username: 'alice' }],
    [{ kind: 'user-added' }],
    'text',
  ])
    await assert.rejects(ACTIONS['events.record'](services, { events }), refused(/must be/))
  await ACTIONS['events.record'](services, { events: [{ kind: 'user-added', username: 'x', from: '203.0.113.7' }] })
  const [event, ...others] = await ACTIONS['events.list'](services, {})
  assert.deepEqual([event?.from, others], ['cli', []])
  await assert.rejects(ACTIONS['events.list'](services, { kinds: 'sign-in' }), refused(/list of texts/))
})

test('events are read filtered, from the newest back or from an event on, some at a time', async (t) => {
  const { services, clock } = await servicesFor(t)
  for (let i = 0; i < 5; i++) {
    await services.audit.record({ kind: 'sign-in', username: i % 2 ? 'bob' : 'alice', from: `203.0.113.${i}` })
    clock.advance(MINUTE)
  }
  const read = async (params: object) => (await ACTIONS['events.list'](services, params)).map(({ id }) => id)
  assert.deepEqual(await read({}), [5, 4, 3, 2, 1])
  assert.deepEqual(await read({ limit: 2 }), [5, 4])
  assert.deepEqual(await read({ limit: 2, before: 4 }), [3, 2])
  assert.deepEqual(await read({ after: 2, limit: 2 }), [3, 4])
  assert.deepEqual(await read({ username: 'bob' }), [4, 2])
  assert.deepEqual(await read({ from: '203.0.113.4' }), [5])
  assert.deepEqual(await read({ from: '::ffff:203.0.113.4' }), [5], 'in another spelling')
  assert.deepEqual(await read({ from: '203.0.113.2/31' }), [4, 3])
  assert.deepEqual(await read({ from: '203.0.113.0/24', limit: 2 }), [5, 4])
  assert.deepEqual(await read({ from: '203.0.113.0/31', limit: 1 }), [2], 'from a page further back')
  assert.deepEqual(await read({ from: '203.0.113.2/31', after: 1, limit: 1 }), [3])
  assert.deepEqual(await read({ from: '2001:db8::/32' }), [])
  await assert.rejects(read({ from: '203.0.113.0/33' }), refused(/address or a network/))
  assert.deepEqual(await read({ kinds: ['sign-in', 'sign-out'], since: START + 2 * MINUTE }), [5, 4, 3])
  assert.deepEqual(await read({ kinds: ['sign-out'] }), [])
  assert.deepEqual(await read({ until: START + MINUTE }), [2, 1])
})
