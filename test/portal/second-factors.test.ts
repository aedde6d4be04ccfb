import assert from 'node:assert/strict'
import { test } from 'node:test'
import { availableMethods, factorsOf, inOrder } from '../../src/portal/second-factors.ts'
import { createLab, openLab, SETTINGS } from './lab.ts'

const factors = [{ name: 'webauthn' }, { name: 'totp' }, { name: 'mobile_push' }]
const names = (preferred: string | undefined, usual: string) =>
  inOrder(factors, preferred, usual).map(({ name }) => name)

test('what the user prefers is asked for first, else the usual method, else as they are offered', () => {
  assert.deepEqual(names(undefined, ''), ['webauthn', 'totp', 'mobile_push'])
  assert.deepEqual(names(undefined, 'mobile_push'), ['mobile_push', 'webauthn', 'totp'])
  assert.deepEqual(names('totp', 'mobile_push'), ['totp', 'mobile_push', 'webauthn'])
  assert.deepEqual(names('sms', ''), ['webauthn', 'totp', 'mobile_push'], 'a preference that is no longer offered')
})

test('a factor that is switched off is neither offered nor asked for, whoever has it', async () => {
  const { codes, recovery } = createLab()
  const totp = { find: async (name: string) => (codes.has(name) ? {} : undefined) }
  const deps = { storage: { totp, recovery } }
  const asked = (settings: typeof SETTINGS) =>
    ({ deps, visit: { settings } }) as unknown as Parameters<typeof factorsOf>[0]
  const off = { ...SETTINGS, totpDisabled: true }
  assert.deepEqual(availableMethods(SETTINGS), ['totp'])
  assert.deepEqual(availableMethods(off), [])
  const registered = async (settings: typeof SETTINGS, name: string) =>
    (await factorsOf(asked(settings), name)).registered.map((factor) => factor.name)
  assert.deepEqual(await registered(SETTINGS, 'alice'), ['totp'])
  assert.deepEqual(await registered(SETTINGS, 'bob'), [])
  assert.deepEqual(await registered(off, 'alice'), [])
})

test('each second factor has an address, which sends those on who have none of it, or need none', async () => {
  const lab = await openLab()
  try {
    const alice = lab.client()
    await alice.signIn('alice')
    for (const path of ['/2fa', '/2fa/one-time-password'])
      assert.match((await alice.get(path)).body, /action="\/2fa\/one-time-password"/, path)
    const bob = lab.client()
    for (const stage of ['a stranger', 'bob, who has none']) {
      for (const path of ['/2fa', '/2fa/one-time-password']) {
        const { status, headers } = await bob.get(`${path}?rd=https://vault.example.com/`)
        assert.deepEqual([status, headers.location], [303, '/?rd=https%3A%2F%2Fvault.example.com%2F&rm=GET'], stage)
      }
      await bob.signIn('bob')
    }
  } finally {
    await lab.close()
  }
})

test('RED-01 the page to go on with after a second factor is one of ours', async () => {
  for (const [wished, led] of [
    ['/register/one-time-code', '/register/one-time-code'],
    ['/account/passkeys?id=4', '/account/passkeys?id=4'],
    ['//evil.example', '/?done=second-factor'],
    ['/\\evil.example', '/?done=second-factor'],
    ['https://evil.example/', '/?done=second-factor'],
    ['/a/../../evil', '/?done=second-factor'],
    ['/a\r\nSet-Cookie: x', '/?done=second-factor'],
    ['/%2f%2fevil.example', '/?done=second-factor'],
  ] as const) {
    const lab = await openLab()
    const client = lab.client()
    await client.signIn('alice')
    const { status, headers } = await client.post('/2fa/one-time-password', { code: '123456', for: wished })
    assert.deepEqual([status, headers.location], [303, led], wished)
    await lab.close()
  }
})
