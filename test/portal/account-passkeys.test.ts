// Passkeys on the page of the account: seen, renamed and taken away, by their owner only.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { WEBAUTHN } from '../login/webauthn-storage.ts'
import { type Client, CODE, type OpenLab, openLab } from './lab.ts'
import { addPasskey, proveAfresh } from './steps.ts'

const RENAME = '/account/passkeys/rename'
const REMOVE = '/account/passkeys/remove'

async function labFor(t: TestContext): Promise<OpenLab> {
  const lab = await openLab({ webauthn: WEBAUTHN })
  t.after(() => lab.close())
  for (const [username, description] of [
    ['alice', 'Laptop'],
    ['alice', 'Blue key <b>'],
    ['bob', 'Key of Bob'],
  ] as const)
    await addPasskey(lab, username, description)
  return lab
}

async function signedIn(lab: OpenLab): Promise<Client> {
  const client = lab.client()
  await client.signIn('alice')
  lab.spent.delete('alice')
  assert.equal((await client.post('/2fa/one-time-password', { code: CODE })).status, 303)
  return client
}
const idOf = async (lab: OpenLab, description: string): Promise<string> =>
  String((await lab.webauthn.list({})).find((passkey) => passkey.description === description)?.id)

test('the passkeys of a person are told by name, with what is odd about one, and another can be added', async (t) => {
  const lab = await labFor(t)
  const { body } = await (await signedIn(lab)).get('/account/security')
  assert.match(body, /Laptop <span class="badge">passkey/)
  assert.match(body, /Blue key &lt;b&gt; <span/)
  assert.equal(body.match(/as if there were a copy/g)?.length, 1)
  assert.match(body, /yesterday/)
  assert.doesNotMatch(body, /Key of Bob/)
  assert.match(body, /href="\/register\/passkey"/)
  assert.match(body, /name="method" value="webauthn"/, 'what is asked for first can be chosen')
})

test('a passkey gets another name, which must be one that no other has', async (t) => {
  const lab = await labFor(t)
  const client = await signedIn(lab)
  const id = await idOf(lab, 'Laptop')
  const asked = await client.post(RENAME, { id, description: 'Work' })
  assert.equal(asked.headers.location, `/confirm?for=${encodeURIComponent(`${RENAME}?id=${id}`)}`)
  await proveAfresh(lab, client)
  assert.match((await client.get(`${RENAME}?id=${id}`)).body, /value="Laptop"/)
  for (const description of ['', 'Blue key <b>', 'x'.repeat(200)]) {
    const { status, body } = await client.post(RENAME, { id, description })
    assert.equal(status, 400)
    assert.match(body, /role="alert"/)
  }
  const renamed = await client.post(RENAME, { id, description: 'Work' })
  assert.equal(renamed.headers.location, '/account/security?done=passkey-renamed')
  assert.equal(await idOf(lab, 'Work'), id)
})

test('SES-09 a passkey is taken away after a fresh proof, the other sessions with it, and its owner is told', async (t) => {
  const lab = await labFor(t)
  const other = await signedIn(lab)
  const client = await signedIn(lab)
  const id = await idOf(lab, 'Laptop')
  assert.match((await client.post(REMOVE, { id })).headers.location ?? '', /^\/confirm/)
  await proveAfresh(lab, client)
  assert.match((await client.get(`${REMOVE}?id=${id}`)).body, /Remove Laptop/)
  assert.equal((await client.post(REMOVE, { id })).headers.location, '/account/security?done=passkey-removed')
  assert.equal(await idOf(lab, 'Laptop'), 'undefined')
  assert.equal((await other.get('/account')).headers.location, '/')
  assert.equal((await client.get('/account')).status, 200)
  assert.ok(lab.mails.some(({ values }) => 'event' in values && values.event === 'factor-removed'))
})

test("WAN-09 somebody else's passkey is answered as one that isn't there, and stays as it is", async (t) => {
  const lab = await labFor(t)
  const client = await signedIn(lab)
  await proveAfresh(lab, client)
  const bobs = await idOf(lab, 'Key of Bob')
  const bodies = new Set<string>()
  for (const id of [bobs, '4711', '-1', '0', '1e1', '1 OR 1=1', '', '__proto__']) {
    for (const answer of [
      await client.post(REMOVE, { id }),
      await client.post(RENAME, { id, description: 'mine' }),
      await client.get(`${REMOVE}?id=${encodeURIComponent(id)}`),
      await client.get(`${RENAME}?id=${encodeURIComponent(id)}`),
    ]) {
      assert.equal(answer.status, 404, id)
      bodies.add(answer.body.replaceAll(/nonce="[^"]*"/g, ''))
    }
  }
  assert.equal(bodies.size, 1)
  assert.equal(await idOf(lab, 'Key of Bob'), bobs)
})
