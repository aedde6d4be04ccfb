import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ALLOW, device } from '../login/duo/stand-in.ts'
import { type Client, openLab } from './lab.ts'

const PUSH = '/2fa/push-notification'
const VAULT = 'https://vault.example.com/'
const WAY = { rd: VAULT, rm: 'GET' }
const QUERY = `?rd=${encodeURIComponent(VAULT)}&rm=GET`

async function lab(t: TestContext) {
  const opened = await openLab({ hasDuo: true })
  t.after(() => opened.close())
  const signedIn = async (username: string): Promise<Client> => {
    const client = opened.client()
    await client.signIn(username)
    return client
  }
  return Object.assign(opened, { signedIn })
}

const levelOf = async (client: Client): Promise<number> => {
  const { body } = await client.get('/api/state')
  return JSON.parse(body).data.authentication_level
}

test('a push: the button, the wait that comes back by itself, and on to where one wanted to go', async (t) => {
  const { duo, signedIn } = await lab(t)
  duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  const bob = await signedIn('bob')
  const page = await bob.get(PUSH + QUERY)
  assert.match(page.body, /<form method="post" action="\/2fa\/push-notification"/)
  assert.equal(duo.sent.length, 0, 'looking at the page asks nobody')

  const sent = await bob.post(PUSH, WAY)
  assert.deepEqual([sent.status, sent.headers.location], [303, `${PUSH}/wait${QUERY}`])
  const wait = await bob.get(`${PUSH}/wait${QUERY}`)
  assert.match(wait.body, /<noscript><meta http-equiv="refresh" content="3"><\/noscript>/)
  assert.match(wait.body, /data-waiting="\/2fa\/push-notification\/wait\?look=yes"/)
  assert.equal((await bob.get(`${PUSH}/wait?look=yes`)).status, 204)
  await bob.post(PUSH, WAY)
  assert.deepEqual(duo.sent, ['bob D1'], 'a second press sends no second push')

  duo.answer(ALLOW)
  await new Promise(setImmediate)
  assert.equal((await bob.get(`${PUSH}/wait?look=yes`)).status, 200)
  assert.equal((await bob.send('HEAD', `${PUSH}/wait`)).status, 200)
  assert.equal(await levelOf(bob), 1, 'looking takes nothing up')
  const before = bob.cookies.get('__Secure-latchkey_session')
  const accepted = await bob.get(`${PUSH}/wait${QUERY}`)
  assert.deepEqual([accepted.status, accepted.headers.location], [303, `/${QUERY}&done=second-factor`])
  assert.equal(await levelOf(bob), 2)
  assert.notEqual(bob.cookies.get('__Secure-latchkey_session'), before, 'the session has a new id')
  assert.match((await bob.get(accepted.headers.location ?? '')).body, /content="0;url=https:\/\/vault\.example\.com\/"/)
  assert.equal((await bob.get(PUSH)).headers.location, '/', 'nothing is left to ask')
})

test('MFA-05 one push raises one session: not another one of the same user, and not twice', async (t) => {
  const { duo, signedIn } = await lab(t)
  duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  const [one, other] = [await signedIn('bob'), await signedIn('bob')]
  await one.post(PUSH, WAY)
  const crowded = await other.post(PUSH, WAY)
  assert.equal(crowded.status, 429, 'one push is out')
  assert.ok(Number(crowded.headers['retry-after']) > 0)
  assert.equal((await other.get(`${PUSH}/wait?look=yes`)).status, 200)
  duo.answer(ALLOW)
  await new Promise(setImmediate)
  assert.equal((await other.get(`${PUSH}/wait`)).headers.location, PUSH)
  const stolen = new Map(one.cookies)
  const takers = await Promise.all(Array.from({ length: 20 }, () => one.send('GET', `${PUSH}/wait`)))
  assert.equal(takers.filter(({ headers }) => headers.location === '/?done=second-factor').length, 1)
  other.cookies.clear()
  for (const [name, value] of stolen) other.cookies.set(name, value)
  assert.equal(await levelOf(other), 0, 'the id of before is dead')
})

test('CSR-03 a page elsewhere makes no phone ring', async (t) => {
  const { duo, signedIn } = await lab(t)
  duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  const bob = await signedIn('bob')
  for (const site of ['cross-site', 'same-site', 'none'])
    assert.equal((await bob.post(PUSH, WAY, { 'sec-fetch-site': site })).status, 403)
  await bob.get(`${PUSH}?send=yes`)
  assert.equal(duo.sent.length, 0)
})

test('a refusal says what to do, and names the other ways', async (t) => {
  const { duo, signedIn, clock, mails } = await lab(t)
  duo.users.set('alice', { kind: 'auth', devices: [device('D1')] })
  const alice = await signedIn('alice')
  for (const [reason, text] of [
    ['denied', /It wasn’t approved/],
    ['timeout', /Nobody approved it in time/],
    ['fraud', /reported as a fraud/],
  ] as const) {
    await alice.post(PUSH, WAY)
    duo.answer({ kind: 'deny', reason })
    await new Promise(setImmediate)
    const { status, body } = await alice.get(`${PUSH}/wait${QUERY}`)
    assert.equal(status, 403)
    assert.match(body, text)
    assert.match(body, /href="\/2fa\/one-time-password\?rd=/, 'her one-time codes')
    assert.equal(await levelOf(alice), 1)
    clock.advance(60_000)
  }
  assert.equal((await alice.post(PUSH, WAY)).status, 429, 'after a fraud no phone rings for a while')
  const mailed = mails.filter(({ values }) => 'event' in values && values.event === 'push-fraud')
  assert.deepEqual(
    mailed.map(({ to }) => to.address),
    ['alice@example.com'],
  )
  clock.advance(3_600_000)
})

test('Duo is down: closed, said clearly, and another way is there', async (t) => {
  const { duo, signedIn } = await lab(t)
  duo.isDown = true
  const alice = await signedIn('alice')
  for (const answer of [
    await alice.post(PUSH, WAY),
    await alice.get(`${PUSH}/device`),
    await alice.get(`${PUSH}/passcode`),
    await alice.post(`${PUSH}/passcode`, { passcode: '123456' }),
    await alice.post(`${PUSH}/device`, { device: 'D1' }),
  ]) {
    assert.equal(answer.status, 503)
    assert.match(answer.body, /Duo can’t be reached right now.*Use another way/)
    assert.match(answer.body, /Use a one-time code from your app/)
  }
  assert.equal(await levelOf(alice), 1)
})

test('of several devices one is chosen, and another later', async (t) => {
  const { duo, signedIn } = await lab(t)
  duo.users.set('bob', { kind: 'auth', devices: [device('D1'), device('D2'), device('D3', 'sms')] })
  const bob = await signedIn('bob')
  const start = await bob.post(PUSH, WAY)
  assert.equal(start.headers.location, `${PUSH}/device${QUERY}`)
  const { body } = await bob.get(`${PUSH}/device${QUERY}`)
  assert.deepEqual(
    [...body.matchAll(/name="device" value="(\w+)"/g)].map((match) => match[1]),
    ['D1', 'D2'],
  )
  assert.equal((await bob.post(`${PUSH}/device`, { ...WAY, device: 'D3' })).headers.location, `${PUSH}/device${QUERY}`)
  assert.equal((await bob.post(`${PUSH}/device`, { ...WAY, device: 'D2' })).headers.location, PUSH + QUERY)
  await bob.post(PUSH, WAY)
  assert.deepEqual(duo.sent, ['bob D2'])
  assert.match((await bob.get(`${PUSH}/device`)).body, /value="D2" required checked/)
})

test('a passcode is offered where Duo takes one', async (t) => {
  const { duo, signedIn } = await lab(t)
  duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  duo.passcodes.add('123456')
  const bob = await signedIn('bob')
  assert.match((await bob.get(`${PUSH}/passcode${QUERY}`)).body, /<input id="passcode" name="passcode"/)
  assert.equal((await bob.post(`${PUSH}/passcode`, { ...WAY, passcode: ' ' })).status, 400)
  const wrong = await bob.post(`${PUSH}/passcode`, { ...WAY, passcode: '999999' })
  assert.equal(wrong.status, 403)
  assert.match(wrong.body, /That passcode didn’t work/)
  const right = await bob.post(`${PUSH}/passcode`, { ...WAY, passcode: '123 456' })
  assert.equal(right.headers.location, `/${QUERY}&done=second-factor`)
  assert.equal(await levelOf(bob), 2)

  duo.users.set('eve', { kind: 'auth', devices: [device('D1', 'push')] })
  const eve = await signedIn('eve')
  const none = await eve.get(`${PUSH}/passcode`)
  assert.equal(none.status, 403)
  assert.match(none.body, /None of your devices at Duo makes passcodes/)
})

test("Duo's bypass lets somebody pass who has no other factor, and shows the others theirs", async (t) => {
  const { duo, signedIn, events, logged } = await lab(t)
  for (const name of ['alice', 'bob']) duo.users.set(name, { kind: 'allow' })
  const bob = await signedIn('bob')
  assert.equal((await bob.post(PUSH, WAY)).headers.location, `/${QUERY}&done=second-factor`)
  assert.equal(await levelOf(bob), 2)
  assert.ok(logged.some((line) => line.includes('without a second factor')))
  const alice = await signedIn('alice')
  const refused = await alice.post(PUSH, WAY)
  assert.equal(refused.status, 403)
  assert.match(refused.body, /You have another second factor here/)
  assert.equal(await levelOf(alice), 1)
  assert.equal(events.at(-1)?.reason, 'bypass-not-enough')
})

test('whoever has no device is led to enrol, unless he has another factor', async (t) => {
  const { signedIn } = await lab(t)
  const bob = await (await signedIn('bob')).post(PUSH, WAY)
  assert.equal(bob.status, 403)
  assert.match(bob.body, /href="https:\/\/duo\.example\/portal\?code=1"/)
  const alice = await (await signedIn('alice')).post(PUSH, WAY)
  assert.doesNotMatch(alice.body, /duo\.example/)
  assert.match(alice.body, /no device at Duo that could be asked/)
})

test('without Duo its pages lead home; a stranger is led to sign in', async (t) => {
  const { client, signedIn, settings, ...rest } = await lab(t)
  for (const path of [PUSH, `${PUSH}/wait`, `${PUSH}/device`, `${PUSH}/passcode`]) {
    assert.equal((await client().get(path + QUERY)).headers.location, `/${QUERY}`, path)
  }
  void rest
  const off = await openLab({ hasDuo: false })
  t.after(() => off.close())
  const bob = off.client()
  await bob.signIn('bob')
  for (const path of [PUSH, `${PUSH}/wait`, `${PUSH}/device`, `${PUSH}/passcode`]) {
    assert.equal((await bob.get(path + QUERY)).headers.location, `/${QUERY}`, path)
    if (!path.endsWith('wait')) assert.equal((await bob.post(path, WAY)).headers.location, `/${QUERY}`, path)
  }
  void settings
  void signedIn
})

test('each question to Duo counts for the address, on pages and API together', async (t) => {
  const { duo, signedIn } = await lab(t)
  duo.users.set('bob', { kind: 'auth', devices: [device('D1')] })
  const bob = await signedIn('bob')
  for (let i = 0; i < 10; i++) assert.equal((await bob.get(`${PUSH}/device`)).status, 200)
  for (const path of ['/device', '/passcode']) assert.equal((await bob.get(PUSH + path)).status, 429)
  assert.equal((await bob.post(PUSH, WAY)).status, 429)
  const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }
  assert.equal((await bob.send('POST', '/api/secondfactor/duo', json, '{}')).status, 429)
})

test('Duo is offered to whoever needs a second factor, and named as another way', async (t) => {
  const opened = await lab(t)
  const { signedIn } = opened
  const bob = await signedIn('bob')
  const choice = await bob.get(`/${QUERY}`)
  assert.match(choice.body, /href="\/2fa\/push-notification\?rd=/)
  assert.match(choice.body, /href="\/register\/one-time-code\?rd=/)
  const order = (body: string) =>
    [...body.matchAll(/href="(\/2fa\/push|\/register\/one-time)/g)].map((match) => match[1])
  assert.deepEqual(order(choice.body), ['/register/one-time', '/2fa/push'])
  opened.settings = { ...opened.settings, default2faMethod: 'mobile_push' }
  const changed = await bob.get(`/${QUERY}`)
  assert.deepEqual(order(changed.body), ['/2fa/push', '/register/one-time'], 'the usual method comes first')
  const alice = await signedIn('alice')
  assert.match(
    (await alice.get(`/${QUERY}`)).body,
    /href="\/2fa\/push-notification\?rd=[^"]*"[^>]*>.*Approve it on your phone with Duo/,
  )
})
