// Changing one's own password on the account's page, as a browser without JavaScript does it.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Mail } from '../../src/notify/mailer.ts'
import { CODE, type OpenLab, openLab, PASSWORD } from './lab.ts'

const HERE = '/account/password'
const GOOD = 'truck-sail-orbit-plum'
let lab: OpenLab
beforeEach(async () => {
  lab = await openLab({ passwordChangeDisabled: false })
})
afterEach(() => lab.close())

async function signedIn(username: string) {
  const client = lab.client()
  await client.signIn(username)
  return client
}
const fields = (old = PASSWORD, fresh = GOOD) => ({ password: old, new: fresh, again: fresh })

test('the old one, a new one twice: it counts, here one stays signed in under a new id, elsewhere not', async () => {
  const [here, elsewhere] = [await signedIn('bob'), await signedIn('bob')]
  const page = await here.get(HERE)
  assert.equal(page.status, 200)
  assert.match(page.body, /at least 8 characters/)
  const before = here.cookies.get('__Secure-latchkey_session')
  const done = await here.post(HERE, fields())
  assert.equal(done.status, 200)
  assert.match(done.body, /You stay signed in here/)
  assert.notEqual(here.cookies.get('__Secure-latchkey_session'), before)
  assert.match((await here.get('/')).body, /You’re signed in/)
  assert.match((await elsewhere.get('/')).body, /name="username"/)
  assert.equal((await lab.client().signIn('bob')).status, 401)
  assert.equal((await lab.client().signIn('bob', { password: GOOD })).status, 303)
})

test('PWD-07 what is wrong is said, and nothing is changed', async () => {
  const bob = await signedIn('bob')
  for (const [answer, status, says] of [
    [await bob.post(HERE, fields('wrong')), 401, /present password isn’t right/],
    [await bob.post(HERE, fields(PASSWORD, 'short')), 400, /too short/],
    [await bob.post(HERE, fields(PASSWORD, PASSWORD)), 400, /the password you have already/],
    [await bob.post(HERE, { ...fields(), again: 'x' }), 400, /differ/],
    [await bob.post(HERE, { password: PASSWORD }), 400, /Fill in all the fields/],
  ] as const) {
    assert.equal(answer.status, status)
    assert.match(answer.body, says)
  }
  lab.store.isReadOnly = true
  assert.equal((await bob.post(HERE, fields())).status, 503)
  assert.equal(lab.passwords.get('bob'), PASSWORD)
})

test('MFA-01 it takes every proof: the second factor and a code by mail of who has them', async () => {
  const alice = await signedIn('alice')
  const goOn = encodeURIComponent(HERE)
  for (const answer of [await alice.get(HERE), await alice.post(HERE, fields())])
    assert.deepEqual([answer.status, answer.headers.location], [303, `/2fa?for=${goOn}`])
  await alice.post('/2fa/one-time-password', { for: HERE, code: CODE })
  for (const answer of [await alice.get(HERE), await alice.post(HERE, fields())])
    assert.deepEqual([answer.status, answer.headers.location], [303, `/confirm?for=${goOn}`])
  await alice.post('/confirm', { for: HERE, send: 'yes' })
  const { code } = (lab.mails.at(-1) as Mail<'one-time-code'>).values
  assert.equal((await alice.post('/confirm', { for: HERE, code })).headers.location, HERE)
  assert.equal((await alice.post(HERE, fields())).status, 200)
  const notice = lab.mails.at(-1) as Mail<'notice'>
  assert.deepEqual([notice.values.event, notice.to.address], ['password-changed', 'alice@example.com'])
  assert.equal((await lab.client().post(HERE, fields())).headers.location, '/')
})

test('where changing is turned off the page is not there', async () => {
  lab.settings = { ...lab.settings, passwordChangeDisabled: true }
  const bob = await signedIn('bob')
  assert.equal((await bob.get(HERE)).status, 404)
  assert.equal((await bob.post(HERE, fields())).status, 404)
})

test('PWD-06 the configured policy is told before anything is typed', async () => {
  lab.settings = {
    ...lab.settings,
    passwordPolicy: {
      kind: 'standard',
      minLength: 12,
      maxLength: 64,
      requireUppercase: true,
      requireLowercase: true,
      requireNumber: true,
      requireSpecial: true,
    },
  }
  const bob = await signedIn('bob')
  const page = (await bob.get(HERE)).body
  for (const text of [
    'at least 12 characters',
    'at most 64 bytes',
    'a capital letter',
    'a small letter',
    'a digit',
    'neither',
  ])
    assert.ok(page.includes(text), text)
  assert.match(page, /data-least="12"/)
  assert.match(page, /data-pattern="\[A-Z\]"/)
  lab.settings = { ...lab.settings, passwordPolicy: { kind: 'zxcvbn', minScore: 3 } }
  assert.match((await bob.get(HERE)).body, /hard to guess/)
})
