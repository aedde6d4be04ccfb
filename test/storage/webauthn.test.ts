import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../../src/base/fault.ts'
import type { WebauthnCredential, WebauthnKeys } from '../../src/storage/webauthn-credential.ts'
import { webauthnStorage } from '../login/webauthn-storage.ts'

const KEY: Omit<WebauthnCredential, 'id'> & WebauthnKeys = {
  rpId: 'auth.example.com',
  username: 'alice',
  description: 'Phone',
  kid: 'a2lk',
  publicKey: Uint8Array.of(1, 2, 3),
  attestation: new Uint8Array(),
  attestationType: 'none',
  attestationFormat: 'none',
  attachment: 'platform',
  transports: ['internal', 'hybrid'],
  aaguid: '',
  signCount: 7,
  cloneWarning: false,
  legacy: false,
  discoverable: true,
  present: true,
  verified: true,
  backupEligible: true,
  backupState: false,
  createdAt: 1000,
  lastUsedAt: undefined,
}

test('what is stored of a key comes back, its bytes sealed at rest', async () => {
  const { webauthn, database } = webauthnStorage()
  assert.equal(await webauthn.add(KEY, 5), 'added')
  const found = await webauthn.find('a2lk')
  assert.deepEqual(found, { ...KEY, id: 1 })
  const { publicKey: _, attestation: __, ...rest } = { ...KEY, id: 1 }
  assert.deepEqual(await webauthn.list({ username: 'alice', rpId: KEY.rpId }), [rest])
  assert.deepEqual(await webauthn.list({ username: 'bob' }), [])
  assert.deepEqual(
    [await webauthn.has('alice', KEY.rpId), await webauthn.has('alice', 'auth.example.org')],
    [true, false],
  )
  const row = database.prepare('SELECT public_key FROM webauthn_credentials').get()
  assert.equal(Buffer.from(row?.['public_key'] as Uint8Array).includes(Buffer.of(1, 2, 3)), false)
})

test('a key that was changed or moved is a fault that says what to do', async () => {
  const { webauthn, database } = webauthnStorage()
  await webauthn.add(KEY, 5)
  for (const change of ["username = 'bob'", "rp_id = 'evil.com'", "public_key = x'00'"]) {
    database.exec('SAVEPOINT before')
    database.exec(`UPDATE webauthn_credentials SET ${change}`)
    await assert.rejects(
      webauthn.find('a2lk'),
      (error) => error instanceof Fault && /--kid=a2lk/.test(String(error.hint)),
    )
    database.exec('ROLLBACK TO before')
  }
  assert.ok(await webauthn.find('a2lk'))
})

test('ids are unique among all users, names in any letter case for one user at one portal, and there is a limit', async () => {
  const { webauthn } = webauthnStorage()
  await webauthn.add(KEY, 3)
  assert.equal(await webauthn.add({ ...KEY, username: 'bob' }, 3), 'kid-taken')
  assert.equal(await webauthn.add({ ...KEY, kid: 'b', description: 'PHONE' }, 3), 'description-taken')
  assert.equal(await webauthn.add({ ...KEY, kid: 'c', username: 'bob' }, 3), 'added')
  assert.equal(await webauthn.add({ ...KEY, kid: 'd', rpId: 'auth.example.org' }, 3), 'added')
  assert.equal(await webauthn.add({ ...KEY, kid: 'e', description: 'Two' }, 2), 'added')
  assert.equal(await webauthn.add({ ...KEY, kid: 'f', description: 'Three' }, 2), 'too-many')
})

test('only its owner renames or deletes a key', async () => {
  const { webauthn } = webauthnStorage()
  await webauthn.add(KEY, 5)
  await webauthn.add({ ...KEY, kid: 'b', description: 'Laptop' }, 5)
  assert.equal(await webauthn.rename('bob', KEY.rpId, 1, 'Mine'), 'not-found')
  assert.equal(await webauthn.rename('alice', 'auth.example.org', 1, 'Mine'), 'not-found')
  assert.equal(await webauthn.rename('alice', KEY.rpId, 1, 'laptop'), 'description-taken')
  assert.equal(await webauthn.rename('alice', KEY.rpId, 1, 'PHONE'), 'renamed', 'its own name in another letter case')
  assert.equal(await webauthn.delete('bob', 1), false)
  assert.equal(await webauthn.delete('alice', 1), true)
  assert.equal(await webauthn.delete('alice', 1), false)
})

test('WAN-07 of 200 uses with the same count one counts, and no count goes back', async () => {
  const { webauthn } = webauthnStorage()
  await webauthn.add(KEY, 5)
  const use = (signCount: number) =>
    webauthn.recordUse(
      { id: 1, kid: 'a2lk' },
      { signCount, backupState: true, verified: false, discoverable: false, attachment: '' },
      2000,
    )
  const uses = await Promise.all(Array.from({ length: 200 }, () => use(8)))
  assert.equal(uses.filter(Boolean).length, 1)
  for (const count of [8, 7, 0]) assert.equal(await use(count), false, String(count))
  assert.equal(await use(4_294_967_295), true)
  const [stored] = await webauthn.list({})
  assert.deepEqual([stored?.backupState, stored?.verified, stored?.lastUsedAt], [true, true, 2000])
})

test('what a user is called towards authenticators is made once and never again, also by many at once', async () => {
  const { webauthn } = webauthnStorage()
  const handles = await Promise.all(
    Array.from({ length: 50 }, (_, index) => webauthn.handleOf('auth.example.com', 'alice', Uint8Array.of(index, 1))),
  )
  assert.equal(new Set(handles.map((handle) => Buffer.from(handle).toString('hex'))).size, 1)
  const [handle = new Uint8Array()] = handles
  assert.equal(await webauthn.usernameOf('auth.example.com', handle), 'alice')
  assert.equal(await webauthn.usernameOf('auth.example.org', handle), undefined)
  assert.deepEqual(await webauthn.findHandle('auth.example.com', 'alice'), handle)
  assert.equal(await webauthn.findHandle('auth.example.com', 'bob'), undefined)
})

test('WAN-02 a challenge is taken by one of 200, in time, by its owner and ceremony', async () => {
  const { webauthnChallenges: challenges, database } = webauthnStorage()
  const challenge = { owner: 's', ceremony: 'assertion', hash: Uint8Array.of(1), detail: 'd', expiresAt: 100 } as const
  await challenges.begin(challenge, 0)
  assert.equal(await challenges.take('other', 'assertion', 1), undefined)
  assert.equal(await challenges.take('s', 'registration', 1), undefined)
  const taken = await Promise.all(Array.from({ length: 200 }, () => challenges.take('s', 'assertion', 99)))
  assert.deepEqual(
    taken.filter((one) => one !== undefined),
    [{ hash: Uint8Array.of(1), detail: 'd' }],
  )
  await challenges.begin(challenge, 0)
  assert.equal(await challenges.take('s', 'assertion', 100), undefined, 'too late')
  await challenges.begin(challenge, 0)
  await challenges.begin({ ...challenge, hash: Uint8Array.of(2) }, 1)
  assert.deepEqual((await challenges.take('s', 'assertion', 2))?.hash, Uint8Array.of(2), 'the later one')
  const uses = await Promise.all(Array.from({ length: 200 }, () => challenges.useUp(Uint8Array.of(9), 500, 1)))
  assert.equal(uses.filter(Boolean).length, 1)
  await challenges.begin({ ...challenge, expiresAt: 2000 }, 1000)
  assert.equal(database.prepare('SELECT count(*) AS n FROM webauthn_challenges').get()?.['n'], 1, 'old ones are gone')
})
