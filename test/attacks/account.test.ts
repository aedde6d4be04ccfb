// The account page, recovery codes and trusted browsers on the whole server.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Browser, hashOf, PASSWORD, startLab, USERS, usersText } from './lab.ts'

const changes = {
  session: { trusted_browser: '30 days' },
  // The password a moment ago is enough of a fresh proof, so that the tests needn't read mail.
  identity_validation: { elevated_session: { skip_second_factor: true } },
}
const lab = await startLab({ changes, quick: true })
after(() => lab.close())

const ADMIN = 'https://admin.example.com/'
const APP = 'https://app.example.com/'
const isOpen = async (browser: Browser, url = ADMIN): Promise<boolean> => (await browser.asks(url)).status === 200
const valueIn = (body: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? ''
const codesIn = (body: string): string[] => {
  const codes = [...body.matchAll(/<li><code>([^<]*)</g)].map(([, code = '']) => code)
  for (const code of codes) lab.secret(code)
  return codes
}

async function makeCodes(browser: Browser): Promise<string[]> {
  const { body } = await browser.get('/account/recovery-codes')
  const made = await browser.form('/account/recovery-codes', { made: valueIn(body, 'made') })
  assert.equal(made.status, 200)
  return codesIn(made.body)
}
async function withPassword(username = 'alice'): Promise<Browser> {
  const browser = lab.browser()
  assert.equal((await browser.form('/', { username, password: PASSWORD })).status, 303)
  return browser
}
const locationOf = ({ lines }: { readonly lines: readonly (readonly [string, string])[] }): string =>
  lines.find(([name]) => name.toLowerCase() === 'location')?.[1] ?? ''

test('SES-10 sessions are listed and ended by their owner only, at the very next request', async () => {
  const [here, there] = [await lab.signedIn('alice', 2), await lab.signedIn('alice', 2)]
  const bob = await lab.signedIn('bob', 2)
  const { body } = await there.get('/account/sessions')
  const hers = valueIn(body, 'session')
  for (const browser of [here, there]) assert.ok(!body.includes(browser.jar.get('__Secure-latchkey_session') ?? '-'))
  const foreign = await bob.form('/account/sessions/end', { session: hers })
  const nothing = await bob.form('/account/sessions/end', { session: 'f'.repeat(64) })
  assert.deepEqual([foreign.status, nothing.status], [404, 404])
  assert.equal(foreign.body.replace(/nonce="[^"]*"/g, ''), nothing.body.replace(/nonce="[^"]*"/g, ''))
  assert.ok(await isOpen(there, APP))
  assert.equal((await here.form('/account/sessions/end', { session: hers })).status, 303)
  assert.equal(await isOpen(there, APP), false)
  assert.ok(await isOpen(here, APP))
})

test('SES-09 MFA-01 a factor goes only after a fresh proof, and the other sessions go with it', async () => {
  const [here, there] = [await lab.signedIn('bob', 2), await lab.signedIn('bob', 2)]
  const half = await withPassword('bob')
  const REMOVE = '/account/one-time-code/remove'
  assert.equal((await half.form(REMOVE, {})).status, 303)
  assert.ok((await here.get('/account/security')).body.includes(REMOVE), 'it is there still')
  assert.ok(await isOpen(there, APP))
  assert.equal(locationOf(await here.form(REMOVE, {})), '/account/security?done=totp-removed')
  for (const other of [there, half]) assert.equal(await isOpen(other, APP), false)
  assert.ok(await isOpen(here, APP))
})

test('of fifty who use one recovery code at once, one rises', async () => {
  const [code = ''] = await makeCodes(await lab.signedIn('alice', 2))
  const browsers: Browser[] = []
  for (let i = 0; i < 5; i++) browsers.push(await withPassword())
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => (browsers[i % 5] as Browser).form('/2fa/recovery-code', { code })),
  )
  // One whose session has a new id meanwhile is answered as nobody is: 303 to the front door.
  assert.equal(answers.filter((answer) => locationOf(answer).endsWith('done=recovered')).length, 1)
  assert.equal((await Promise.all(browsers.map((browser) => isOpen(browser)))).filter(Boolean).length, 1)
})

test('TOT-03 recovery codes are not to be guessed, across sessions and addresses', async () => {
  lab.clock.advance(60_000)
  const [code = ''] = await makeCodes(await lab.signedIn('alice', 2))
  const browsers: Browser[] = []
  for (let i = 0; i < 6; i++) {
    const browser = lab.browser('auth.example.com', `198.51.100.${i + 1}`)
    await browser.form('/', { username: 'alice', password: PASSWORD })
    browsers.push(browser)
  }
  for (const browser of browsers.slice(0, 5))
    assert.equal((await browser.form('/2fa/recovery-code', { code: 'ZZZZ-ZZZZ-ZZZZ' })).status, 403)
  const last = browsers[5] as Browser
  assert.equal((await last.form('/2fa/recovery-code', { code })).status, 429)
  lab.clock.advance(61_000)
  assert.equal((await last.form('/2fa/recovery-code', { code })).status, 303)
})

test('a trusted browser opens what takes two factors, after the password, and changes nothing of the account', async () => {
  const browser = await withPassword()
  lab.clock.advance(30_000)
  const given = await browser.form('/2fa/one-time-password', { code: lab.code('alice'), trust: 'yes' })
  assert.equal(given.status, 303)
  await browser.form('/logout', {})
  assert.equal(await isOpen(browser), false, 'the cookie alone is nothing')
  await browser.form('/', { username: 'alice', password: PASSWORD })
  assert.ok(await isOpen(browser))
  const removal = await browser.form('/account/one-time-code/remove', {})
  assert.notEqual(locationOf(removal), '/account/security?done=totp-removed')
  const api = await browser.post('/api/secondfactor/totp', '', 'DELETE')
  assert.equal(api.status, 403)
  const elsewhere = await withPassword()
  assert.equal(await isOpen(elsewhere), false, 'another browser')
})

test('LIF-01 LIF-03 who was disabled, or is another person of that name, has no use of codes and trusted browsers', async () => {
  const browser = await withPassword()
  lab.clock.advance(30_000)
  await browser.form('/2fa/one-time-password', { code: lab.code('alice'), trust: 'yes' })
  const [code = ''] = await makeCodes(browser)
  const half = await withPassword()
  const since = lab.log().length
  lab.writeUsers(await usersText({ ...USERS, alice: { ...USERS['alice'], disabled: true } }))
  await lab.told('reloaded', since)
  assert.equal(locationOf(await half.form('/2fa/recovery-code', { code })), '/')
  assert.equal((await browser.form('/', { username: 'alice', password: PASSWORD })).status, 401)
  // Another password (its hash has another salt): the trust was bound to the old one.
  const again = lab.log().length
  lab.writeUsers(await usersText({ ...USERS, alice: { ...USERS['alice'], password: await hashOf(PASSWORD) } }))
  await lab.told('reloaded', again)
  assert.equal((await browser.form('/', { username: 'alice', password: PASSWORD })).status, 303)
  assert.equal(await isOpen(browser), false)
})
