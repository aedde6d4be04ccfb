import assert from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { MailValues } from '../../src/notify/mailer.ts'
import { BROWSER_COOKIE } from '../../src/session/browsers.ts'
import { type Client, type OpenLab, openLab, PASSWORD, USERS } from './lab.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const HOME = '203.0.113.7'

async function labFor(t: TestContext): Promise<OpenLab> {
  const lab = await openLab({
    newSignInNotice: true,
    findUser: (username) => {
      const user = USERS[username]
      return user && { ...user, emails: username === 'eve' ? [] : [`${username}@example.com`] }
    },
  })
  t.after(() => lab.close())
  return lab
}
const signIn = async (client: Client, username = 'alice', from = HOME, userAgent = FIREFOX): Promise<void> => {
  const headers = { 'x-forwarded-for': from, 'user-agent': userAgent }
  const { status } = await client.post('/', { username, password: PASSWORD }, headers)
  assert.equal(status, 303)
}
const notices = ({ mails }: OpenLab) => mails.map(({ values }) => values as MailValues['notice'])

test('the first sign-in ever tells nobody anything; a new browser does, to the stored address', async (t) => {
  const lab = await labFor(t)
  await signIn(lab.client())
  assert.deepEqual(lab.mails, [])
  await signIn(lab.client())
  assert.deepEqual(lab.mails, [
    {
      name: 'notice',
      to: { address: 'alice@example.com', displayName: 'Alice Liddell' },
      language: 'en',
      values: {
        event: 'new-sign-in',
        subject: '',
        from: `${HOME}, Firefox, Linux`,
        at: lab.clock.now(),
        portalUrl: 'https://auth.example.com/account/security',
      },
    },
  ])
})

test('a browser and a network that are known tell nobody anything, however often', async (t) => {
  const lab = await labFor(t)
  const client = lab.client()
  await signIn(client)
  const mark = client.cookies.get(BROWSER_COOKIE)
  assert.match(mark ?? '', /^[\w-]{43}$/)
  await signIn(client, 'alice', '203.0.113.200')
  client.cookies.delete('__Secure-latchkey_session')
  await signIn(client)
  assert.equal(client.cookies.get(BROWSER_COOKIE), mark)
  assert.deepEqual(lab.mails, [])
})

test('a known browser in a new network is told of once', async (t) => {
  const lab = await labFor(t)
  const client = lab.client()
  await signIn(client)
  await signIn(client, 'alice', '198.51.100.1')
  await signIn(client, 'alice', '198.51.100.9')
  await signIn(client)
  assert.deepEqual(
    notices(lab).map(({ from }) => from),
    ['198.51.100.1, Firefox, Linux'],
  )
})

test('browsers are known per user; two share one without a word about the other', async (t) => {
  const lab = await labFor(t)
  const client = lab.client()
  await signIn(client)
  const mark = client.cookies.get(BROWSER_COOKIE)
  await signIn(client, 'bob')
  assert.equal(client.cookies.get(BROWSER_COOKIE), mark)
  assert.equal(lab.mails.length, 0, "bob's first")
  await signIn(lab.client(), 'bob')
  assert.deepEqual(
    lab.mails.map(({ to }) => to.address),
    ['bob@example.com'],
  )
})

test('whoever has no address is told nothing', async (t) => {
  const lab = await labFor(t)
  await signIn(lab.client(), 'eve')
  await signIn(lab.client(), 'eve')
  assert.deepEqual(lab.mails, [])
})

test('a mark that was planted is replaced, and so makes no browser a known one', async (t) => {
  const lab = await labFor(t)
  await signIn(lab.client())
  const victim = lab.client()
  victim.cookies.set(BROWSER_COOKIE, 'p'.repeat(43))
  await signIn(victim)
  assert.notEqual(victim.cookies.get(BROWSER_COOKIE), 'p'.repeat(43))
  assert.equal(lab.mails.length, 1)
  const attacker = lab.client()
  attacker.cookies.set(BROWSER_COOKIE, 'p'.repeat(43))
  await signIn(attacker)
  assert.equal(lab.mails.length, 2)
})

test('LOG-07 what a browser calls itself is not repeated', async (t) => {
  const lab = await labFor(t)
  await signIn(lab.client())
  await signIn(lab.client(), 'alice', HOME, 'Visit https://evil.example now')
  assert.equal(notices(lab)[0]?.from, HOME, 'nothing that is known')
})

test('BRF-12 whoever has the password can not fill a mailbox with notices', async (t) => {
  const lab = await labFor(t)
  for (let i = 0; i < 40; i++) await signIn(lab.client())
  const told = lab.mails.length
  assert.ok(told > 3 && told <= 10, `${told} notices`)
  lab.clock.advance(3_600_001)
  await signIn(lab.client())
  assert.equal(lab.mails.length, told + 1)
})

test('the JSON API tells of sign-ins too; a wrong password tells nobody anything', async (t) => {
  const lab = await labFor(t)
  await signIn(lab.client())
  const json = { 'content-type': 'application/json', origin: 'https://auth.example.com' }
  const post = (password: string) =>
    lab.client().send('POST', '/api/firstfactor', json, JSON.stringify({ username: 'alice', password }))
  assert.equal((await post('wrong')).status, 401)
  assert.equal(lab.mails.length, 0)
  assert.equal((await post(PASSWORD)).status, 200)
  assert.equal(lab.mails.length, 1)
})

const off = await openLab()
after(() => off.close())
test('where it is turned off, nothing is told, set or kept', async () => {
  const client = off.client()
  await signIn(client)
  await signIn(off.client())
  assert.deepEqual(off.mails, [])
  assert.equal(client.cookies.has(BROWSER_COOKIE), false)
})
