// The ceremonies against real signatures, honest and not.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { manualClock } from '../../src/base/clock.ts'
import type { WebauthnConfig } from '../../src/config/config.ts'
import { createWebauthn } from '../../src/login/webauthn/create-webauthn.ts'
import type { SignedInPlace } from '../../src/login/webauthn/webauthn.ts'
import { Authenticator, type KeyKind, type Tweaks } from './authenticator.ts'
import { from, memoryLog, START, user } from './fixture.ts'
import { WEBAUTHN, webauthnStorage } from './webauthn-storage.ts'

const RP = { id: 'auth.example.com', origin: 'https://auth.example.com' }

function lab(changes: Partial<WebauthnConfig> = {}) {
  const clock = manualClock(START)
  const storage = webauthnStorage()
  const events: AuditEvent[] = []
  const log = memoryLog()
  const audit = { record: async (event: AuditEvent) => void events.push(event) }
  const webauthn = createWebauthn({ storage, audit, clock, random: randomBytes, log })
  const config = { ...WEBAUTHN, ...changes }
  const place = (username = 'alice', more: Partial<SignedInPlace> = {}): SignedInPlace => ({
    rp: RP,
    config,
    attempt: from(),
    user: user(username),
    session: `session of ${username}`,
    ...more,
  })
  let keys = 0
  const register = async (
    authenticator: Authenticator,
    username = 'alice',
    tweaks: Tweaks = {},
    kind: KeyKind = 'ES256',
    description = `key ${++keys} of ${username}`,
  ) => {
    const start = await webauthn.beginRegistration(place(username), description)
    if (start.kind === 'refused') return start
    return webauthn.finishRegistration(place(username), authenticator.create(start.options, tweaks, kind))
  }
  const registered = async (username = 'alice', tweaks: Tweaks = {}, kind: KeyKind = 'ES256') => {
    const authenticator = new Authenticator(RP.origin, tweaks)
    const { kind: outcome } = await register(authenticator, username, {}, kind)
    assert.equal(outcome, 'registered')
    return authenticator
  }
  /** Shows a key as a second factor. */
  const show = async (authenticator: Authenticator, username = 'alice', tweaks: Tweaks = {}) => {
    const options = await webauthn.beginAssertion(place(username))
    assert.ok(options)
    return webauthn.finishAssertion(place(username), authenticator.get(options, tweaks))
  }
  const users = new Set(['alice', 'bob', 'carol'])
  const findUser = (name: string) => (users.has(name) ? user(name) : undefined)
  const signIn = async (authenticator: Authenticator, tweaks: Tweaks = {}, rp = RP) => {
    const { options, ticket } = await webauthn.beginPasskey(place('', { rp }))
    return webauthn.finishPasskey(place('', { rp }), ticket, authenticator.get(options, tweaks), findUser)
  }
  const reasonOf = (outcome: { readonly kind: string; readonly reason?: string }) => outcome.reason ?? outcome.kind
  return { clock, storage, events, log, webauthn, place, register, registered, show, signIn, users, findUser, reasonOf }
}

const KINDS: readonly KeyKind[] = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256']

for (const kind of KINDS)
  test(`a key of the kind ${kind} is registered, shown as a second factor, and signs in`, async () => {
    const { registered, show, signIn, storage } = lab({ passkeyLogin: true })
    const authenticator = await registered('alice', {}, kind)
    assert.equal((await show(authenticator)).kind, 'accepted')
    const outcome = await signIn(authenticator)
    assert.ok(outcome.kind === 'accepted')
    assert.deepEqual([outcome.user.username, outcome.level], ['alice', 1])
    const [stored] = await storage.webauthn.list({ username: 'alice' })
    assert.deepEqual([stored?.signCount, stored?.lastUsedAt, stored?.verified], [2, START, true])
  })

test('options ask for what is configured, of the keys that are there', async () => {
  const { webauthn, place, register, storage } = lab({
    attachment: 'cross-platform',
    discoverability: 'required',
    userVerification: 'required',
    attestation: 'direct',
    displayName: 'Home',
  })
  const authenticator = new Authenticator(RP.origin)
  assert.equal((await register(authenticator)).kind, 'registered')
  const again = await webauthn.beginRegistration(place(), 'another')
  assert.ok(again.kind === 'begun')
  const { challenge, user: named, ...options } = again.options
  const [key] = authenticator.keys.keys()
  assert.deepEqual(options, {
    rp: { id: 'auth.example.com', name: 'Home' },
    pubKeyCredParams: [-7, -35, -36, -257, -258, -259, -37, -38, -39, -8].map((alg) => ({ type: 'public-key', alg })),
    timeout: 60_000,
    excludeCredentials: [{ type: 'public-key', id: key, transports: ['hybrid', 'internal'] }],
    authenticatorSelection: {
      authenticatorAttachment: 'cross-platform',
      requireResidentKey: true,
      residentKey: 'required',
      userVerification: 'required',
    },
    attestation: 'direct',
    extensions: { credProps: true },
  })
  const { id } = named as { id: string }
  assert.equal(Buffer.from(id, 'base64url').length, 64)
  assert.equal(id.includes(Buffer.from('alice').toString('base64url')), false, 'tells no name')
  const handle = await storage.webauthn.findHandle(RP.id, 'alice')
  assert.equal(Buffer.from(handle ?? []).toString('base64url'), id, 'the same each time')
  const assertion = await webauthn.beginAssertion(place())
  assert.equal(assertion?.['userVerification'], 'required')
  assert.notEqual(assertion?.['challenge'], challenge)
  assert.equal(await webauthn.beginAssertion(place('bob')), undefined)
})

test('WAN-01 an assertion counts only when it is verified, of the key that is stored, and of whoever is signed in', async () => {
  const { webauthn, place, registered, show, reasonOf, storage, events } = lab()
  const alice = await registered('alice')
  const bob = await registered('bob')
  const [idOfAlice = ''] = alice.keys.keys()
  const [idOfBob = ''] = bob.keys.keys()
  const before = await storage.webauthn.list({})
  const wrongs: readonly [string, () => Promise<unknown>][] = [
    ['a flipped bit of the signature', () => show(alice, 'alice', { flipSignature: true })],
    ['id and rawId that differ', () => show(alice, 'alice', { rawId: idOfBob })],
    ['the victim’s id with the attacker’s signature', () => show(bob, 'alice', { id: idOfAlice })],
    ['the attacker’s own key in the victim’s session', () => show(bob, 'alice')],
    [
      'a handle of another user',
      async () =>
        show(alice, 'alice', {
          userHandle: Buffer.from((await storage.webauthn.findHandle(RP.id, 'bob')) ?? []).toString('base64url'),
        }),
    ],
    ['a handle of nobody', () => show(alice, 'alice', { userHandle: 'AAAA' })],
    ['another type', () => show(alice, 'alice', { type: 'webauthn.create' })],
    ['a challenge of nobody', () => show(alice, 'alice', { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' })],
  ]
  for (const [what, attack] of wrongs) {
    const outcome = (await attack()) as { kind: string; reason?: string }
    assert.equal(outcome.kind, 'refused', what)
    assert.equal(events.at(-1)?.kind, 'second-factor-refused', what)
    assert.ok(['unknown-credential', 'wrong-assertion', 'malformed'].includes(reasonOf(outcome)), what)
  }
  for (const body of [undefined, null, {}, [], 'x', { response: {} }, { id: idOfAlice }]) {
    await webauthn.beginAssertion(place())
    assert.equal(reasonOf(await webauthn.finishAssertion(place(), body)), 'malformed')
  }
  assert.deepEqual(await storage.webauthn.list({}), before, 'counters as before')
  assert.equal((await show(alice)).kind, 'accepted')
})

test('WAN-02 a challenge is good for one answer, right or wrong, of its session and ceremony, and not for long', async () => {
  const { webauthn, place, registered, reasonOf, clock } = lab()
  const key = await registered()
  const begin = async () => {
    const options = await webauthn.beginAssertion(place())
    assert.ok(options)
    return options
  }
  const answer = async (value: unknown, more: Partial<SignedInPlace> = {}) =>
    reasonOf(await webauthn.finishAssertion(place('alice', more), value))

  const first = await begin()
  assert.ok(Buffer.from(String(first['challenge']), 'base64url').length >= 16)
  const right = key.get(first)
  assert.equal(await answer(right), 'accepted')
  assert.equal(await answer(right), 'no-challenge', 'a replay')
  assert.equal(await answer(key.get(first)), 'no-challenge', 'the same challenge signed anew')

  const second = await begin()
  assert.equal(await answer(key.get(second, { flipSignature: true })), 'wrong-assertion')
  assert.equal(await answer(key.get(second)), 'no-challenge', 'used up by the failure')

  const third = await begin()
  assert.equal(await answer(undefined), 'malformed')
  assert.equal(await answer(key.get(third)), 'no-challenge', 'used up by what could not be read')

  const fourth = await begin()
  assert.equal(await answer(key.get(fourth), { session: 'another' }), 'no-challenge')
  assert.equal(await answer(key.get(fourth)), 'accepted', 'the other session took nothing away')

  const tabs = [await begin(), await begin()]
  assert.equal(await answer(key.get(tabs[0])), 'wrong-assertion', 'the older tab')

  const late = await begin()
  clock.advance(70_000)
  assert.equal(await answer(key.get(late)), 'no-challenge')

  const registration = await webauthn.beginRegistration(place(), 'second')
  assert.ok(registration.kind === 'begun')
  await begin()
  assert.equal(await answer(key.get(registration.options, { rpId: RP.id })), 'wrong-assertion', 'of the other ceremony')
})

test('WAN-02 of 200 answers to one challenge at once exactly one counts', async () => {
  const { webauthn, place, registered } = lab()
  const key = await registered()
  const options = await webauthn.beginAssertion(place())
  const answers = Array.from({ length: 200 }, () => key.get(options))
  const outcomes = await Promise.all(answers.map((answer) => webauthn.finishAssertion(place(), answer)))
  assert.equal(outcomes.filter(({ kind }) => kind === 'accepted').length, 1)
})

test('WAN-02 a passkey’s challenge is good for one answer in the browser it was given to, for five minutes', async () => {
  const { webauthn, place, registered, findUser, reasonOf, clock } = lab({ passkeyLogin: true })
  const key = await registered()
  const stranger = place('')
  const finish = async (ticket: string | undefined, value: unknown) =>
    reasonOf(await webauthn.finishPasskey(stranger, ticket, value, findUser))
  const one = await webauthn.beginPasskey(stranger)
  const two = await webauthn.beginPasskey(stranger)
  assert.equal(await finish(undefined, key.get(one.options)), 'no-challenge')
  assert.equal(await finish('x', key.get(one.options)), 'no-challenge')
  assert.equal(await finish(`${one.ticket}A`, key.get(one.options)), 'no-challenge')
  assert.equal(await finish(two.ticket, key.get(one.options)), 'wrong-assertion', 'of another browser')
  assert.equal(await finish(two.ticket, key.get(two.options)), 'no-challenge', 'used up by the failure')
  const races = Array.from({ length: 200 }, () => finish(one.ticket, key.get(one.options)))
  assert.equal((await Promise.all(races)).filter((outcome) => outcome === 'accepted').length, 1)
  clock.advance(10 * 60_000)
  const late = await webauthn.beginPasskey(stranger)
  clock.advance(5 * 60_000)
  assert.equal(await finish(late.ticket, key.get(late.options)), 'no-challenge')
  const other = { ...stranger, rp: { id: 'auth.example.org', origin: 'https://auth.example.org' } }
  const elsewhere = await webauthn.beginPasskey(other)
  assert.equal(await finish(elsewhere.ticket, key.get(elsewhere.options)), 'no-challenge', 'of another portal')
})

const ORIGINS = [
  'https://evil.com',
  'https://auth.example.com.evil.com',
  'http://auth.example.com',
  'https://auth.example.com:8443',
  'https://AUTH.example.com',
  'https://auth.example.com/',
  'https://example.com',
  'null',
  '',
  'android:apk-key-hash:7d1043473d55bfa90e8530d35801d4e381bc69f0',
]

test('WAN-03 only the portal’s own origin counts, exactly', async () => {
  const { registered, register, show, signIn, reasonOf } = lab({ passkeyLogin: true })
  const key = await registered()
  for (const origin of ORIGINS) {
    assert.equal(reasonOf(await show(key, 'alice', { origin })), 'wrong-assertion', origin)
    assert.equal(reasonOf(await signIn(key, { origin })), 'wrong-assertion', origin)
    const fresh = new Authenticator(RP.origin)
    assert.equal(reasonOf(await register(fresh, 'alice', { origin })), 'not-verified', origin)
  }
  for (const framed of [{ crossOrigin: true }, { topOrigin: 'https://evil.com' }])
    assert.equal(reasonOf(await show(key, 'alice', framed)), 'wrong-assertion')
})

test('WAN-04 a key of another portal is none here', async () => {
  const { webauthn, place, registered, register, show, signIn, reasonOf } = lab({ passkeyLogin: true })
  const key = await registered()
  for (const rpId of ['example.com', 'evil.com', 'auth.example.org', 'AUTH.example.com']) {
    assert.equal(reasonOf(await show(key, 'alice', { rpId })), 'wrong-assertion', rpId)
    assert.equal(reasonOf(await register(new Authenticator(RP.origin), 'alice', { rpId })), 'not-verified', rpId)
  }
  const org = { rp: { id: 'auth.example.org', origin: 'https://auth.example.org' } }
  assert.equal(await webauthn.beginAssertion(place('alice', org)), undefined, 'isn’t even asked for there')
  const other = new Authenticator(org.rp.origin)
  const start = await webauthn.beginRegistration(place('alice', org), 'over there')
  assert.ok(start.kind === 'begun')
  assert.equal((await webauthn.finishRegistration(place('alice', org), other.create(start.options))).kind, 'registered')
  assert.equal(reasonOf(await signIn(key, { origin: org.rp.origin }, org.rp)), 'unknown-credential')
  assert.equal((await signIn(other, {}, org.rp)).kind, 'accepted')
})

test('WAN-06 somebody must be present, and verified where that is demanded; what the client says of it is nothing', async () => {
  const relaxed = lab({ passkeyLogin: true })
  const key = await relaxed.registered()
  assert.equal(relaxed.reasonOf(await relaxed.show(key, 'alice', { userPresent: false })), 'wrong-assertion')
  assert.equal((await relaxed.show(key, 'alice', { userVerified: false })).kind, 'accepted')
  const absent = await relaxed.register(new Authenticator(RP.origin), 'alice', { userPresent: false })
  assert.equal(relaxed.reasonOf(absent), 'not-verified')

  const strict = lab({ passkeyLogin: true, userVerification: 'required' })
  const verified = await strict.registered()
  assert.equal(strict.reasonOf(await strict.show(verified, 'alice', { userVerified: false })), 'wrong-assertion')
  assert.equal(strict.reasonOf(await strict.signIn(verified, { userVerified: false })), 'wrong-assertion')
  const unverified = await strict.register(new Authenticator(RP.origin), 'alice', { userVerified: false })
  assert.equal(strict.reasonOf(unverified), 'not-verified')
  assert.equal((await strict.show(verified)).kind, 'accepted')
})

test('WAN-07 a counter that doesn’t rise means a copy: refused, told, remembered, and nothing raised', async () => {
  const { registered, show, signIn, reasonOf, storage, events } = lab({ passkeyLogin: true })
  const key = await registered()
  const at = (counter: number) => show(key, 'alice', { counter })
  assert.equal((await at(5)).kind, 'accepted')
  for (const counter of [5, 4, 1, 0]) {
    assert.equal(reasonOf(await at(counter)), 'cloned', String(counter))
    assert.deepEqual([events.at(-1)?.kind, events.at(-1)?.reason], ['second-factor-refused', 'cloned'])
  }
  assert.equal(reasonOf(await signIn(key, { counter: 5 })), 'cloned')
  assert.deepEqual([events.at(-1)?.kind, events.at(-1)?.reason], ['sign-in-refused', 'cloned'])
  const [stored] = await storage.webauthn.list({ username: 'alice' })
  assert.deepEqual([stored?.signCount, stored?.cloneWarning], [5, true])
  assert.equal((await at(6)).kind, 'accepted')

  const silent = lab()
  const without = await silent.registered()
  without.counts = false
  assert.equal((await silent.show(without)).kind, 'accepted')
  assert.equal((await silent.show(without)).kind, 'accepted', '0 after 0 is no count')
  const [quiet] = await silent.storage.webauthn.list({ username: 'alice' })
  assert.equal(quiet?.cloneWarning, false)
})

test('WAN-07 of two copies that answer with the same count at once one is refused', async () => {
  const { webauthn, place, registered } = lab()
  const key = await registered()
  const sessions = Array.from({ length: 50 }, (_, index) => `session ${index}`)
  const answers = await Promise.all(
    sessions.map(async (session) => ({
      session,
      answer: key.get(await webauthn.beginAssertion(place('alice', { session })), { counter: 9 }),
    })),
  )
  const outcomes = await Promise.all(
    answers.map(({ session, answer }) => webauthn.finishAssertion(place('alice', { session }), answer)),
  )
  assert.equal(outcomes.filter(({ kind }) => kind === 'accepted').length, 1)
})

test('WAN-08 what may not be registered isn’t', async () => {
  const { webauthn, place, register, registered, reasonOf, storage } = lab()
  const bob = await registered('bob')
  const [idOfBob = ''] = bob.keys.keys()
  assert.equal(reasonOf(await register(new Authenticator(RP.origin), 'alice', { id: idOfBob })), 'kid-taken')
  assert.equal((await storage.webauthn.find(idOfBob))?.username, 'bob')

  const nothing = new Authenticator(RP.origin).create({ user: { id: 'AA' }, rp: { id: RP.id }, challenge: 'AAAA' })
  assert.equal(reasonOf(await webauthn.finishRegistration(place(), nothing)), 'no-challenge')

  const begin = async (description: string) => {
    const start = await webauthn.beginRegistration(place(), description)
    assert.ok(start.kind === 'begun', description)
    return start.options
  }
  const used = await begin('used')
  const garbage = await webauthn.finishRegistration(place(), { id: 'x' })
  assert.equal(reasonOf(garbage), 'malformed')
  const tooLate = await webauthn.finishRegistration(place(), new Authenticator(RP.origin).create(used))
  assert.equal(reasonOf(tooLate), 'no-challenge', 'the pending one is gone')
  await begin('abandoned')
  await webauthn.abandonRegistration(place().session)
  assert.equal(reasonOf(await webauthn.finishRegistration(place(), nothing)), 'no-challenge')

  for (const [what, tweaks] of [
    ['a format that doesn’t exist', { format: 'x' }],
    ['none with a statement', { statement: new Map([['sig', Buffer.of(1)]]) }],
    [
      'packed with a wrong signature',
      {
        format: 'packed',
        statement: new Map<string, number | Buffer>([
          ['alg', -7],
          ['sig', Buffer.alloc(70)],
        ]),
      },
    ],
  ] as [string, Tweaks][])
    assert.equal(reasonOf(await register(new Authenticator(RP.origin), 'alice', tweaks)), 'not-verified', what)
  const self = await register(new Authenticator(RP.origin), 'alice', { format: 'packed' }, 'ES256', 'self-signed')
  assert.equal(self.kind, 'registered')

  const answer = new Authenticator(RP.origin).create(await begin('huge'))
  Object.assign(answer.response, { attestationObject: 'A'.repeat(60_000) })
  assert.equal(reasonOf(await webauthn.finishRegistration(place(), answer)), 'malformed')

  for (const description of ['', ' ', 'x'.repeat(65), 'a\nb', 'a\0b', '\u2028'])
    assert.equal(reasonOf(await webauthn.beginRegistration(place(), description)), 'malformed')
  await begin('x'.repeat(64))
  await begin('<script>alert(1)</script>')
  assert.equal(reasonOf(await webauthn.beginRegistration(place(), 'SELF-signed')), 'description-taken')
  assert.equal((await webauthn.beginRegistration(place('bob'), 'self-signed')).kind, 'begun', 'of somebody else')
})

test('WAN-08 nobody fills the database with keys, one by one or all at once', async () => {
  const { webauthn, place, reasonOf, storage } = lab()
  const sessions = Array.from({ length: 40 }, (_, index) => place('alice', { session: `session ${index}` }))
  const answers = await Promise.all(
    sessions.map(async (at, index) => {
      const start = await webauthn.beginRegistration(at, `key ${index}`)
      assert.ok(start.kind === 'begun')
      return { at, answer: new Authenticator(RP.origin).create(start.options) }
    }),
  )
  const outcomes = await Promise.all(answers.map(({ at, answer }) => webauthn.finishRegistration(at, answer)))
  assert.equal(outcomes.filter(({ kind }) => kind === 'registered').length, 32)
  assert.equal((await storage.webauthn.list({ username: 'alice' })).length, 32)
  assert.equal(reasonOf(await webauthn.beginRegistration(place(), 'one more')), 'too-many')
})

const YUBIKEY = 'ee882879-721c-4913-9775-3dfcce97072a'

test('filters hold for models and for keys that can be copied', async () => {
  const only = lab({ permittedAaguids: [YUBIKEY] })
  assert.equal(only.reasonOf(await only.register(new Authenticator(RP.origin))), 'filtered')
  assert.equal((await only.register(new Authenticator(RP.origin), 'alice', { aaguid: YUBIKEY })).kind, 'registered')
  const not = lab({ prohibitedAaguids: [YUBIKEY] })
  assert.equal(not.reasonOf(await not.register(new Authenticator(RP.origin), 'alice', { aaguid: YUBIKEY })), 'filtered')
  assert.equal((await not.register(new Authenticator(RP.origin))).kind, 'registered')
  const fixed = lab({ prohibitBackupEligibility: true })
  assert.equal(
    fixed.reasonOf(await fixed.register(new Authenticator(RP.origin), 'alice', { backupEligible: true })),
    'filtered',
  )
  assert.equal((await fixed.register(new Authenticator(RP.origin))).kind, 'registered')
})

test('WAN-08 where the model must be attested, a key that only says what it is isn’t taken', async () => {
  const { register, reasonOf } = lab({ permittedAaguids: [YUBIKEY], attestation: 'direct' })
  assert.equal(reasonOf(await register(new Authenticator(RP.origin), 'alice', { aaguid: YUBIKEY })), 'filtered')
  const attested = await register(new Authenticator(RP.origin), 'alice', { aaguid: YUBIKEY, format: 'packed' })
  assert.equal(attested.kind, 'registered')
})

test('backup flags are kept: whether a key can be copied never changes, whether it has been may', async () => {
  const { registered, show, reasonOf, storage } = lab()
  const synced = await registered('alice', { backupEligible: true })
  const stored = async () => (await storage.webauthn.list({ username: 'alice' }))[0]
  assert.deepEqual([(await stored())?.backupEligible, (await stored())?.backupState], [true, false])
  assert.equal((await show(synced, 'alice', { backedUp: true })).kind, 'accepted')
  assert.equal((await stored())?.backupState, true)
  assert.equal(reasonOf(await show(synced, 'alice', { backupEligible: false })), 'wrong-assertion')
  assert.equal(reasonOf(await show(synced, 'alice', { backupEligible: false, backedUp: true })), 'wrong-assertion')
})

test('WAN-10 only good keys are registered', async () => {
  const { register, reasonOf } = lab()
  for (const [what, tweaks, kind] of [
    ['an RSA key of 1024 bits', {}, 'RS256-short'],
    ['no algorithm at all', { algorithm: 0 }, 'ES256'],
    ['RS1', { algorithm: -65535 }, 'RS256'],
    ['ES256K', { algorithm: -47, curve: 8 }, 'ES256'],
    ['an unknown curve', { curve: 99 }, 'ES256'],
    ['a curve of another algorithm', { algorithm: -35 }, 'ES256'],
    ['Ed448', { curve: 7 }, 'EdDSA'],
    ['an elliptic key that says RSA', { algorithm: -257 }, 'ES256'],
  ] as [string, Tweaks, KeyKind][])
    assert.equal(reasonOf(await register(new Authenticator(RP.origin), 'alice', tweaks, kind)), 'not-verified', what)
})

test('WAN-10 a key that was put under another name in the database opens nothing', async () => {
  const { registered, show, signIn, reasonOf, storage, log } = lab({ passkeyLogin: true })
  const mallory = await registered('bob')
  await registered('alice')
  const { database } = storage
  const [idOfMallory = ''] = mallory.keys.keys()
  database.prepare("UPDATE webauthn_credentials SET username = 'alice' WHERE kid = ?").run(idOfMallory)
  assert.equal(reasonOf(await show(mallory, 'alice', { userHandle: null })), 'unavailable')
  database.prepare("UPDATE webauthn_credentials SET username = 'bob' WHERE kid = ?").run(idOfMallory)
  assert.equal((await show(mallory, 'bob')).kind, 'accepted')
  database
    .prepare(
      "UPDATE webauthn_credentials SET public_key = (SELECT public_key FROM webauthn_credentials WHERE kid = ?) WHERE username = 'alice'",
    )
    .run(idOfMallory)
  const [ofAlice] = await storage.webauthn.list({ username: 'alice' })
  assert.equal(reasonOf(await show(mallory, 'alice', { id: ofAlice?.kid ?? '', userHandle: null })), 'unavailable')
  database.prepare("UPDATE webauthn_users SET username = 'carol' WHERE username = 'bob'").run()
  assert.equal(reasonOf(await signIn(mallory)), 'unknown-credential', 'a handle that names somebody else')
  assert.ok(log.lines.some(({ level }) => level === 'error'))
})

test('WAN-11 a passkey is one factor; verified it is two only where that is configured, whatever the client says', async () => {
  for (const [verifiedPasskeyIsTwoFactors, userVerified, level] of [
    [false, false, 1],
    [false, true, 1],
    [true, false, 1],
    [true, true, 2],
  ] as const) {
    const { registered, signIn } = lab({ passkeyLogin: true, verifiedPasskeyIsTwoFactors })
    const outcome = await signIn(await registered(), { userVerified })
    assert.ok(outcome.kind === 'accepted')
    assert.equal(outcome.level, level, `${verifiedPasskeyIsTwoFactors} ${userVerified}`)
  }
})

test('a key that isn’t discoverable signs nobody in, unless it may prove to be', async () => {
  const { registered, signIn, reasonOf } = lab({ passkeyLogin: true })
  assert.equal(reasonOf(await signIn(await registered('alice', { discoverable: false }))), 'unknown-credential')
  const upgrade = lab({ passkeyLogin: true, passkeyUpgrade: true })
  const key = await upgrade.registered('alice', { discoverable: false })
  assert.equal((await upgrade.signIn(key)).kind, 'accepted')
  assert.equal((await upgrade.storage.webauthn.list({ username: 'alice' }))[0]?.discoverable, true)
})

test('a passkey of somebody who is banned, gone or at a banned address signs nobody in', async () => {
  const { registered, signIn, reasonOf, storage, users, clock, place } = lab({ passkeyLogin: true })
  const key = await registered()
  assert.equal(reasonOf(await signIn(key, { userHandle: null })), 'unknown-credential', 'who is it?')
  users.delete('alice')
  assert.equal(reasonOf(await signIn(key)), 'unknown-user')
  users.add('alice')
  const ban = { createdAt: clock.now(), expiresAt: clock.now() + 1000, source: 'cli', reason: '' } as const
  await storage.bans.add({ ...ban, kind: 'user', value: 'alice' })
  assert.equal(reasonOf(await signIn(key)), 'banned-user')
  clock.advance(2000)
  const soon = { createdAt: clock.now(), expiresAt: clock.now() + 1000, source: 'cli', reason: '' } as const
  await storage.bans.add({ ...soon, kind: 'ip', value: place().attempt.from })
  assert.equal(reasonOf(await signIn(key)), 'banned-address')
  clock.advance(2000)
  assert.equal((await signIn(key)).kind, 'accepted')
})

test('a stranger whose passkeys are refused again and again has to wait; a signature can’t be guessed by anybody signed in', async () => {
  const { registered, signIn } = lab({ passkeyLogin: true })
  const key = await registered()
  let last = ''
  for (let i = 0; i < 31; i++) last = (await signIn(key, { flipSignature: true })).kind
  assert.equal(last, 'throttled')
  assert.equal((await signIn(key)).kind, 'throttled')
})

test('every attempt is recorded, with its kind and true reason, and no secret', async () => {
  const { registered, show, signIn, storage, events, log } = lab({ passkeyLogin: true })
  const key = await registered()
  await show(key)
  await show(key, 'alice', { flipSignature: true })
  await signIn(key)
  const rows = await storage.attempts.list({}, 10)
  assert.deepEqual(
    rows.map(({ kind, successful, username }) => [kind, successful, username]),
    [
      ['Passkey', true, 'alice'],
      ['WebAuthn', false, 'alice'],
      ['WebAuthn', true, 'alice'],
    ],
  )
  assert.deepEqual(
    events.map(({ kind, subject, reason }) => [kind, subject, reason]),
    [
      ['factor-added', 'webauthn: key 1 of alice', undefined],
      ['second-factor-refused', 'webauthn', 'wrong-assertion'],
    ],
  )
  const [kid = ''] = key.keys.keys()
  assert.equal(JSON.stringify(log.lines).includes(kid), false)
})
