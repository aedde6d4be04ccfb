// The pages of passkeys, with answers signed in software: what the browser's script would put into their forms.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Mail } from '../../src/notify/mailer.ts'
import type { PortalSettings } from '../../src/portal/portal.ts'
import { Authenticator, type Tweaks } from '../login/authenticator.ts'
import { ELEVATED_SESSION } from '../login/fixture.ts'
import { WEBAUTHN } from '../login/webauthn-storage.ts'
import { type Answer, type Client, CODE, openLab, PASSWORD, PORTAL } from './lab.ts'

const VAULT = 'https://vault.example.com/'
const REGISTER = '/register/passkey'
const BEGIN = '/api/secondfactor/webauthn/credential/register'
const ON: Partial<PortalSettings> = { webauthn: { ...WEBAUTHN, passkeyLogin: true } }

async function lab(t: TestContext, changes: Partial<PortalSettings> = ON) {
  const open = await openLab(changes)
  t.after(() => open.close())
  const optionsOf = ({ body }: Answer) => JSON.parse(body).data.publicKey
  const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
  /** As the script on the page does it. */
  const register = async (client: Client, fields: Record<string, string> = {}, description = 'Phone') => {
    const authenticator = new Authenticator(PORTAL)
    const begun = await client.send('PUT', BEGIN, json, JSON.stringify({ description }))
    assert.equal(begun.status, 200, begun.body)
    const response = JSON.stringify(authenticator.create(optionsOf(begun)))
    return { authenticator, answer: await client.post(REGISTER, { response, ...fields }) }
  }
  const show = async (client: Client, authenticator: Authenticator, tweaks: Tweaks = {}, fields = {}) => {
    const begun = await client.get('/api/secondfactor/webauthn')
    const response = JSON.stringify(authenticator.get(optionsOf(begun), tweaks))
    return client.post('/2fa/webauthn', { response, ...fields })
  }
  const signIn = async (authenticator: Authenticator, fields: Record<string, string> = {}, tweaks: Tweaks = {}) => {
    const client = open.client()
    const begun = await client.get('/api/firstfactor/passkey')
    const response = JSON.stringify(authenticator.get(optionsOf(begun), tweaks))
    return { client, answer: await client.post('/passkey', { response, ...fields }) }
  }
  return Object.assign(open, { register, show, signIn })
}

const home = (rd: string) => `/?${new URLSearchParams({ rd, rm: 'GET' })}`

test('whoever needs a second factor and has none chooses one, a passkey first, and goes on from there', async (t) => {
  const { client, register } = await lab(t)
  const bob = client()
  await bob.signIn('bob')
  const chosen = await bob.get(home(VAULT))
  const links = [...chosen.body.matchAll(/<li><a href="(\/register\/[^"]*)">/g)].map(([, url = '']) => url)
  const query = '?rd=https%3A%2F%2Fvault.example.com%2F&amp;rm=GET'
  assert.deepEqual(links, [`${REGISTER}${query}`, `/register/one-time-code${query}`])
  const page = await bob.get(links[0]?.replaceAll('&amp;', '&') ?? '')
  assert.match(page.body, /vault\.example\.com asks for a second proof/)
  assert.match(page.body, /name="description"[^>]*value="Passkey"/)
  assert.match(page.body, /<script src="\/static\/webauthn\.[0-9a-f]+\.js" nonce="[^"]+" defer>/)
  const { answer } = await register(bob, { rd: VAULT, rm: 'GET' })
  assert.equal(answer.headers.location, '/?rd=https%3A%2F%2Fvault.example.com%2F&rm=GET&done=passkey')
  assert.match((await bob.get(answer.headers.location ?? '')).body, /content="0;url=https:\/\/vault\.example\.com\/"/)
})

test('a passkey is the second factor, with the other ways named beside it, and raises the session under a new id', async (t) => {
  const { client, register, show, codes } = await lab(t)
  codes.add('bob')
  const bob = client()
  await bob.signIn('bob')
  await bob.post('/2fa/one-time-password', { code: CODE })
  const { authenticator } = await register(bob)
  const again = client()
  await again.signIn('bob')
  const asked = await again.get(home(VAULT))
  assert.match(asked.body, /<h1>Use your passkey<\/h1>/)
  assert.match(asked.body, /<noscript>/)
  const other = /<a href="(\/2fa\/one-time-password[^"]*)">.*Use a one-time code/.exec(asked.body)?.[1] ?? ''
  const code = await again.get(other.replaceAll('&amp;', '&'))
  assert.match(code.body, /Enter your code/)
  assert.match(code.body, /<a href="\/2fa\/webauthn\?rd=[^"]*">/)
  const before = again.cookies.get('__Secure-latchkey_session')
  const refused = await show(again, authenticator, { flipSignature: true }, { rd: VAULT, rm: 'GET' })
  assert.equal(refused.status, 403)
  assert.match(refused.body, /role="alert".*didn’t work here/)
  assert.equal(again.cookies.get('__Secure-latchkey_session'), before)
  const right = await show(again, authenticator, {}, { rd: VAULT, rm: 'GET' })
  assert.equal(right.headers.location, '/?rd=https%3A%2F%2Fvault.example.com%2F&rm=GET&done=second-factor')
  assert.notEqual(again.cookies.get('__Secure-latchkey_session'), before, 'SES-01')
})

test('WAN-11 after a passkey the password is what is asked for, and a code is no second factor', async (t) => {
  const { client, register, signIn, codes, events } = await lab(t)
  const bob = client()
  await bob.signIn('bob')
  const { authenticator } = await register(bob)
  codes.add('bob')
  const { client: key, answer } = await signIn(authenticator, { rd: VAULT, rm: 'GET' })
  assert.equal(answer.headers.location, '/?rd=https%3A%2F%2Fvault.example.com%2F&rm=GET&done=sign-in')
  assert.match((await key.get(answer.headers.location ?? '')).body, /action="\/2fa\/password"/)
  assert.equal((await key.post('/2fa/one-time-password', { code: CODE })).headers.location, '/2fa')
  assert.equal((await key.post('/2fa/webauthn', { response: '{}' })).headers.location, '/')
  assert.match((await key.get(REGISTER)).headers.location ?? '', /^\/2fa\?for=/, 'and it changes no account')
  assert.equal((await key.post('/2fa/password', { password: 'wrong' })).status, 401)
  assert.equal((await key.post('/2fa/password', { password: '' })).status, 400)
  const right = await key.post('/2fa/password', { password: PASSWORD, rd: VAULT, rm: 'GET' })
  assert.match(right.headers.location ?? '', /done=second-factor$/)
  assert.match((await key.get('/')).body, /Signed in with two proofs/)
  assert.deepEqual(
    events.slice(-2).map(({ kind, subject }) => `${kind} ${subject}`),
    ['sign-in passkey', 'second-factor password'],
  )
  const byPassword = client()
  await byPassword.signIn('bob')
  assert.equal((await byPassword.post('/2fa/password', { password: PASSWORD })).headers.location, '/')
  assert.match((await byPassword.get('/')).body, /Signed in with a password/)
})

test('what the browser says went wrong is told in words, and nothing of it is shown as it came', async (t) => {
  const { client } = await lab(t)
  const bob = client()
  await bob.signIn('bob')
  for (const [failure, words] of [
    ['NotAllowedError', /Nothing was chosen/],
    ['InvalidStateError', /registered already/],
    ['409', /this name already/],
    ['400', /at most 64 characters/],
    ['<script>', /couldn’t be added/],
  ] as const) {
    const answer = await bob.post(REGISTER, { failure, description: '"><script>x' })
    assert.deepEqual([answer.status, words.test(answer.body)], [400, true], failure)
    assert.doesNotMatch(answer.body, /<script>x/)
  }
  const stranger = client()
  const cancelled = await stranger.post('/passkey', { failure: 'NotAllowedError' })
  assert.deepEqual([cancelled.status, /Nothing was chosen/.test(cancelled.body)], [400, true])
  const unreadable = await stranger.post('/passkey', { response: '{' })
  assert.deepEqual([unreadable.status, /didn’t work here/.test(unreadable.body)], [403, true])
})

test('the sign-in page suggests passkeys where it may, and stays under 15 kB over the wire with all its files', async (t) => {
  const { client } = await lab(t)
  const page = await client().get(home('https://app.example.com/some/where?of=length'))
  assert.match(page.body, /autocomplete="username webauthn"/)
  assert.match(page.body, /data-options="\/api\/firstfactor\/passkey"/)
  const wire = ({ headers, bytes }: Answer): number =>
    bytes.length +
    Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length + 4, 17)
  let total = wire(page)
  const addresses = [...page.body.matchAll(/(?:src|<link[^>]*href)="([^"]*)"/g)].map(([, address]) => address ?? '')
  assert.equal(addresses.length, 4)
  for (const address of addresses) total += wire(await client().get(address, { 'accept-encoding': 'br' }))
  assert.ok(total <= 15_000, `${total} bytes`)
  for (const webauthn of [WEBAUTHN, { ...WEBAUTHN, disable: true }]) {
    const off = await lab(t, { webauthn })
    const { body } = await off.client().get('/')
    assert.doesNotMatch(body, /passkey|webauthn/i)
    assert.equal((await off.client().post('/passkey', {})).status, 404)
  }
})

test('where passkeys are off, or no portal is configured to bind them to, there are none', async (t) => {
  for (const changes of [{ webauthn: { ...WEBAUTHN, disable: true } }]) {
    const { client } = await lab(t, changes)
    const bob = client()
    await bob.signIn('bob')
    assert.equal((await bob.get(REGISTER)).status, 404)
    assert.equal((await bob.get('/2fa/webauthn')).headers.location, '/')
  }
})

test('WAN-07 the owner of a copied passkey is told by mail, once, whichever way the copy is shown', async (t) => {
  const elevatedSession = { ...ELEVATED_SESSION, skipSecondFactor: true }
  for (const way of ['second factor', 'instead of a password']) {
    const { client, register, show, signIn, mails } = await lab(t, { ...ON, elevatedSession })
    const alice = client()
    await alice.signIn('alice')
    await alice.post('/2fa/one-time-password', { code: CODE })
    const { authenticator } = await register(alice)
    const again = client()
    await again.signIn('alice')
    assert.equal((await show(again, authenticator, { counter: 9 })).status, 303)
    const notices = (): Mail<'notice'>[] =>
      (mails as Mail<'notice'>[]).filter(({ name, values }) => name === 'notice' && values.event === 'passkey-copied')
    const stranger = client()
    await stranger.signIn('alice')
    const showCopy = async (): Promise<Answer> =>
      way === 'second factor'
        ? await show(stranger, authenticator, { counter: 9 })
        : (await signIn(authenticator, {}, { counter: 9 })).answer
    assert.equal((await showCopy()).status, 403)
    const [notice] = notices()
    assert.deepEqual([notice?.to.address, notice?.values.subject], ['alice@example.com', 'Phone'], way)
    assert.equal((await showCopy()).status, 403)
    assert.equal(notices().length, 1, way)
  }
})
