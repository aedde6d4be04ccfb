// Recovery codes at the portal: made and shown once, used in place of a lost factor, and what they open.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Client, CODE, type OpenLab, openLab, PASSWORD } from './lab.ts'
import { proveAfresh, setUp } from './steps.ts'

const CODES_PAGE = '/account/recovery-codes'
const VAULT = 'https://vault.example.com/'

async function labFor(t: TestContext): Promise<OpenLab> {
  const lab = await openLab()
  t.after(() => lab.close())
  return lab
}
async function withPassword(lab: OpenLab, username = 'alice'): Promise<Client> {
  const client = lab.client()
  await client.signIn(username)
  return client
}
async function withCode(lab: OpenLab): Promise<Client> {
  const client = await withPassword(lab)
  lab.spent.delete('alice')
  await client.post('/2fa/one-time-password', { code: CODE })
  await proveAfresh(lab, client)
  return client
}
const madeIn = (body: string): string => /name="made" value="(\d*)"/.exec(body)?.[1] ?? 'nothing'
const codesIn = (body: string): string[] => [...body.matchAll(/<li><code>([^<]*)</g)].map(([, code = '']) => code)

async function makeCodes(client: Client): Promise<string[]> {
  const made = madeIn((await client.get(CODES_PAGE)).body)
  const { status, body } = await client.post(CODES_PAGE, { made })
  assert.equal(status, 200)
  return codesIn(body)
}

test('ten codes are made by a form and shown in its answer only, as text, as a file, and to print', async (t) => {
  const lab = await labFor(t)
  const client = await withCode(lab)
  assert.match((await client.get('/account/security')).body, /Make recovery codes/)
  const { body, headers } = await client.post(CODES_PAGE, { made: madeIn((await client.get(CODES_PAGE)).body) })
  const codes = codesIn(body)
  assert.equal(codes.length, 10)
  assert.equal(headers['cache-control'], 'no-store')
  const file = decodeURIComponent(
    /href="data:text\/plain;charset=utf-8,([^"]*)" download="recovery-codes-auth.example.com.txt"/.exec(body)?.[1] ??
      '',
  )
  assert.match(file, /^Recovery codes of alice at auth\.example\.com\./)
  for (const code of codes) assert.ok(file.includes(`\r\n${code}\r\n`))
  for (const path of [CODES_PAGE, '/account/security', '/account'])
    for (const code of codes) assert.ok(!(await client.get(path)).body.includes(code))
  assert.match((await client.get('/account/security')).body, /10 left/)
  assert.ok(lab.events.some(({ kind }) => kind === 'recovery-codes-made'))
  assert.ok(lab.mails.some(({ values }) => 'event' in values && values.event === 'recovery-codes-made'))
  const told = JSON.stringify([lab.logged, lab.events, lab.mails])
  for (const code of codes) assert.ok(!told.includes(code), 'no code is told to anybody else')
})

test('a form sent again by a reload makes no other codes', async (t) => {
  const lab = await labFor(t)
  const client = await withCode(lab)
  const made = madeIn((await client.get(CODES_PAGE)).body)
  const [code = ''] = codesIn((await client.post(CODES_PAGE, { made })).body)
  lab.clock.advance(1000)
  const again = await client.post(CODES_PAGE, { made })
  assert.deepEqual([again.status, again.headers.location], [303, CODES_PAGE])
  const other = await withPassword(lab)
  assert.equal((await other.post('/2fa/recovery-code', { code })).status, 303)
})

test('MFA-01 making and removing codes takes the second factor and a fresh proof', async (t) => {
  const lab = await labFor(t)
  const owner = await withCode(lab)
  const [code = ''] = await makeCodes(owner)
  const thief = await withPassword(lab)
  for (const path of [CODES_PAGE, `${CODES_PAGE}/remove`]) {
    const confirm = `/2fa?for=${encodeURIComponent(path)}`
    assert.equal((await thief.get(path)).headers.location, confirm)
    assert.equal((await thief.post(path, { made: String(lab.clock.now()) })).headers.location, confirm)
  }
  lab.clock.advance(10 * 60_000)
  assert.equal((await owner.post(`${CODES_PAGE}/remove`, {})).status, 303)
  assert.equal((await lab.recovery.find('alice'))?.left, 10, 'too long ago')
  const fresh = await withCode(lab)
  assert.equal((await fresh.post(`${CODES_PAGE}/remove`, {})).headers.location, '/account/security?done=codes-removed')
  const events = lab.mails.map(({ values }) => 'event' in values && values.event)
  assert.equal(events.at(-1), 'recovery-codes-removed')
  assert.equal(await lab.recovery.find('alice'), undefined)
  assert.equal((await (await withPassword(lab)).post('/2fa/recovery-code', { code })).status, 403)
})

test('who has no other factor has nothing that codes could stand in for', async (t) => {
  const lab = await labFor(t)
  const bob = await withPassword(lab, 'bob')
  assert.equal((await bob.get(CODES_PAGE)).headers.location, '/account/security')
  assert.equal((await bob.post(CODES_PAGE, { made: '' })).headers.location, '/account/security')
  assert.equal(await lab.recovery.find('bob'), undefined)
  assert.doesNotMatch((await bob.get('/account/security')).body, /recovery codes/i)
})

test('a lost phone: password, recovery code, new one-time codes, at once', async (t) => {
  const lab = await labFor(t)
  const [code = '', second = ''] = await makeCodes(await withCode(lab))
  lab.clock.advance(60 * 60_000)
  const client = lab.client()
  await client.post('/', { username: 'alice', password: PASSWORD, rd: VAULT, rm: 'GET' })
  const asked = await client.get(`/?rd=${encodeURIComponent(VAULT)}`)
  assert.match(asked.body, /Use a recovery code/)
  const page = await client.get(`/2fa/recovery-code?rd=${encodeURIComponent(VAULT)}`)
  assert.match(page.body, /Lost your phone or security key/)
  const before = client.cookies.get('__Secure-latchkey_session')
  const used = await client.post('/2fa/recovery-code', {
    rd: VAULT,
    rm: 'GET',
    code: code.toLowerCase().replaceAll('-', ' '),
  })
  assert.equal(used.headers.location, `/account/security?rd=${encodeURIComponent(VAULT)}&rm=GET&done=recovered`)
  assert.notEqual(client.cookies.get('__Secure-latchkey_session'), before, 'SES-01 a new id')
  const security = await client.get(used.headers.location ?? '')
  assert.match(security.body, /signed in with a recovery code/)
  assert.match(security.body, /9 left/)
  assert.match(security.body, /href="https:\/\/vault\.example\.com\/"[^>]*>Continue to vault\.example\.com/)
  assert.ok(lab.mails.some(({ values }) => 'event' in values && values.event === 'recovery-code-used'))
  assert.equal((await client.post('/account/one-time-code/remove', {})).status, 303)
  assert.equal(lab.codes.has('alice'), false)
  await setUp(lab, client)
  assert.ok(lab.codes.has('alice'))
  const thief = await withPassword(lab)
  assert.equal((await thief.post('/2fa/recovery-code', { code })).status, 403, 'a used code is worth nothing')
  assert.equal(
    (await thief.post('/2fa/recovery-code', { code: second, for: '/account/sessions' })).headers.location,
    '/account/sessions',
  )
})

test('wrong recovery codes are refused alike, counted, and their owner is told', async (t) => {
  const lab = await labFor(t)
  const [code = ''] = await makeCodes(await withCode(lab))
  const thief = await withPassword(lab)
  const bodies = new Set<string>()
  for (const wrong of ['ZZZZ-ZZZZ-ZZZZ', 'short', '\0', '0000-0000-0000']) {
    const { status, body } = await thief.post('/2fa/recovery-code', { code: wrong })
    assert.equal(status, 403)
    bodies.add(body.replaceAll(/nonce="[^"]*"/g, ''))
  }
  assert.equal(bodies.size, 1)
  assert.equal((await thief.post('/2fa/recovery-code', { code: '' })).status, 400)
  await thief.post('/2fa/recovery-code', { code: 'ZZZZ-ZZZZ-ZZZZ' })
  const locked = await (await withPassword(lab)).post('/2fa/recovery-code', { code })
  assert.equal(locked.status, 429, 'TOT-03 also in another session, also the right one')
  assert.equal(locked.headers['retry-after'], '60')
  assert.ok(lab.mails.some(({ values }) => 'event' in values && values.event === 'second-factor-locked'))
})

test('codes alone are a second factor to show, for whoever has lost all others', async (t) => {
  const lab = await labFor(t)
  const [code = ''] = await makeCodes(await withCode(lab))
  lab.codes.delete('alice')
  const client = await withPassword(lab)
  const setUpPage = '/register/one-time-code'
  assert.equal((await client.get(setUpPage)).headers.location, `/2fa?for=${encodeURIComponent(setUpPage)}`)
  const asked = await client.get(`/?rd=${encodeURIComponent(VAULT)}`)
  assert.match(asked.body, /action="\/2fa\/recovery-code"/)
  await client.post('/2fa/recovery-code', { code })
  await setUp(lab, client)
  assert.ok(lab.codes.has('alice'))
})

test('whoever has no codes, or has shown a factor, is led on', async (t) => {
  const lab = await labFor(t)
  assert.equal((await (await withPassword(lab)).get('/2fa/recovery-code')).headers.location, '/')
  const client = await withCode(lab)
  await makeCodes(client)
  assert.equal((await client.get('/2fa/recovery-code')).headers.location, '/')
  assert.equal((await lab.client().post('/2fa/recovery-code', { code: 'x' })).headers.location, '/')
})

test('few and no codes left are said, on the account and where they are made', async (t) => {
  const lab = await labFor(t)
  await lab.recovery.save('alice', ['AAAABBBBCCCC'], lab.clock.now())
  const client = await withCode(lab)
  assert.match((await client.get('/account/security')).body, /Only a few are left/)
  await lab.recovery.consume('alice', 'AAAABBBBCCCC', lab.clock.now())
  assert.match((await client.get('/account/security')).body, /You have used all of them/)
  assert.match((await client.get('/account')).body, /<span class="place-state attention">0 left/)
})
