import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { loadLanguages } from '../../src/i18n/languages.ts'
import { type Answer, type Client, openLab } from './lab.ts'

const lab = await openLab()
after(() => lab.close())

const languageOf = ({ body }: Answer): string | undefined => /<html lang="([^"]*)"/.exec(body)?.[1]
const accepting = async (header: string | undefined, client = lab.client()): Promise<string | undefined> =>
  languageOf(await client.get('/', header === undefined ? {} : { 'accept-language': header }))

test('without a wish the page is in the configured language', async () => {
  assert.equal(await accepting(undefined), 'en')
  const german = await openLab({ languages: loadLanguages({ standard: 'de' }) })
  after(() => german.close())
  assert.equal(languageOf(await german.client().get('/')), 'de')
  for (const [header, language] of [
    ['en', 'en'],
    ['fr', 'de'],
    ['*', 'de'],
  ] as const)
    assert.equal(languageOf(await german.client().get('/', { 'accept-language': header })), language, header)
})

test('Accept-Language: weights, prefixes, refusals (RFC 9110 §12.5.4)', async () => {
  const wishes: Readonly<Record<string, string>> = {
    de: 'de',
    'de-DE': 'de',
    'DE-at,fr;q=0.9': 'de',
    'en-GB,en;q=0.9,de;q=0.8': 'en',
    'de;q=0.8, en;q=0.7': 'de',
    'de;q=0.7, en;q=0.8': 'en',
    'fr-CH, fr;q=0.9, de;q=0.7, en;q=0.1, *;q=0.05': 'de',
    'de;q=0': 'en',
    'en;q=0, *': 'de',
    fr: 'en',
    '*': 'en',
    'de;q=': 'de',
    ';;;,,,=': 'en',
  }
  for (const [header, language] of Object.entries(wishes)) assert.equal(await accepting(header), language, header)
})

test('INJ-09 no header and no cookie leads to a file, and none is echoed', async () => {
  const attacks = ['../../../../etc/passwd', '..%2f..%2fen', 'de/../../x', '__proto__', 'constructor', '"><script>']
  for (const attack of attacks) {
    const client = lab.client()
    client.cookies.set('__Host-latchkey_language', attack.replace(/[^\x20-\x7e]/g, ''))
    const answer = await client.get('/', { 'accept-language': attack.replace(/[^\x20-\x7e]/g, '') })
    assert.equal(answer.status, 200)
    assert.equal(languageOf(answer), 'en', attack)
    assert.doesNotMatch(answer.body, /passwd|<script>|%2f/)
  }
})

test('DOS: a huge header costs nothing', async () => {
  const header = 'de;q=0.001,'.repeat(1000)
  assert.equal(await accepting(header), 'en')
})

const choose = (client: Client, language: string, from: string | undefined, fields: Record<string, string> = {}) =>
  client.post('/language', { language, rd: '', rm: '', ...fields }, from === undefined ? {} : { referer: from })

test('a language that was chosen wins, is kept for this host alone, and can be changed', async () => {
  const client = lab.client()
  const { status, headers } = await choose(client, 'de', 'https://auth.example.com/')
  assert.deepEqual([status, headers.location], [303, '/'])
  assert.deepEqual(headers['set-cookie'], [
    '__Host-latchkey_language=de; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax',
  ])
  const page = await client.get('/', { 'accept-language': 'en' })
  assert.equal(languageOf(page), 'de')
  assert.match(page.body, /<h1>Anmelden<\/h1>/)
  await choose(client, 'en', undefined)
  assert.equal(await accepting('de', client), 'en')
})

test('what is not a language is not remembered', async () => {
  for (const language of ['', 'xx', '__proto__', 'de; Domain=example.com', 'DE', '../de']) {
    const { status, headers } = await choose(lab.client(), language, undefined)
    assert.deepEqual([status, headers.location, headers['set-cookie']], [303, '/', undefined], language)
  }
})

test('one comes back to the page one was on', async () => {
  const target = encodeURIComponent('https://app.example.com/x?y=1')
  const places: readonly (readonly [from: string | undefined, fields: Record<string, string>, to: string])[] = [
    ['https://auth.example.com/logout', {}, '/logout'],
    [`https://auth.example.com/?rd=${target}&rm=GET`, {}, `/?rd=${target}&rm=GET`],
    ['https://auth.example.com/2fa?for=registration', {}, '/2fa?for=registration'],
    // The answer to a form: the way back is in the form.
    [
      'https://auth.example.com/',
      { rd: 'https://app.example.com/', rm: 'POST' },
      '/?rd=https%3A%2F%2Fapp.example.com%2F&rm=POST',
    ],
    ['https://auth.example.com/register/one-time-code/confirm', {}, '/register/one-time-code'],
    ['https://auth.example.com/2fa/one-time-password', { for: '/account' }, '/2fa/one-time-password?for=%2Faccount'],
    ['https://auth.example.com/2fa/one-time-password', { for: '//evil.com' }, '/2fa/one-time-password'],
    ['https://auth.example.com/reset-password/step2?token=a.b', {}, '/reset-password/step2?token=a.b'],
    ['https://auth.example.com/reset-password/step2', { token: 'a.b' }, '/reset-password/step2?token=a.b'],
    ['https://auth.example.com/nothing/here', { token: '&a=//evil' }, '/?token=%26a%3D%2F%2Fevil'],
    ['https://auth.example.com/nothing/here', {}, '/'],
    [undefined, {}, '/'],
  ]
  for (const [from, fields, to] of places) {
    const { headers } = await choose(lab.client(), 'de', from, fields)
    assert.equal(headers.location, to, String(from))
  }
})

test('RED-01 choosing a language leads nowhere else', async () => {
  const elsewhere = [
    'https://evil.com/',
    'https://auth.example.com.evil.com/',
    'javascript:alert(1)',
    'https://auth.example.com//evil.com/',
    'https://auth.example.com/\\evil.com',
    'https://evil.com/2fa?x',
    'nonsense',
    'https://auth.example.com/%2f%2fevil.com',
  ]
  for (const from of elsewhere) assert.equal((await choose(lab.client(), 'de', from)).headers.location, '/', from)
  for (const rd of ['https://evil.com/', '//evil.com', 'javascript:alert(1)'])
    assert.equal((await choose(lab.client(), 'de', undefined, { rd })).headers.location, '/', rd)
})

test('CSR-01 another site changes nobody’s language', async () => {
  const { status, headers } = await lab
    .client()
    .post('/language', { language: 'de' }, { 'sec-fetch-site': 'cross-site' })
  assert.deepEqual([status, headers['set-cookie']], [403, undefined])
})

test('below a base path it stays there', async () => {
  const below = await openLab({ basePath: '/sso' })
  after(() => below.close())
  const client = below.client()
  assert.match((await client.get('/sso/')).body, /action="\/sso\/language"/)
  const { headers } = await client.post(
    '/sso/language',
    { language: 'de' },
    { referer: 'https://auth.example.com/sso/logout' },
  )
  assert.equal(headers.location, '/sso/logout')
})

test('a page says what it depends on; what does not depend on it, doesn’t', async () => {
  const client = lab.client()
  for (const path of ['/', '/none', '/logout'])
    assert.equal((await client.get(path)).headers.vary, 'Accept-Language, Cookie', path)
  const wrong = await client.get('/', { host: 'evil.com', 'accept-language': 'de' })
  assert.equal(languageOf(wrong), 'de')
  assert.doesNotMatch(wrong.body, /action=/)
  assert.doesNotMatch(String((await client.get('/api/state')).headers.vary), /Accept-Language/)
})

test('each page is whole in each language, also what code says', async () => {
  const client = lab.client()
  client.cookies.set('__Host-latchkey_language', 'de')
  const refused = await client.post('/', { username: 'alice', password: 'wrong' })
  assert.match(refused.body, /<title>Problem: Anmelden · Latchkey<\/title>/)
  assert.match(refused.body, /Das hat nicht geklappt/)
  assert.match(
    refused.body,
    /<button class="link" name="language" value="de" lang="de" aria-current="true">Deutsch<\/button>/,
  )
  lab.mood = 'throttled'
  assert.match((await client.signIn('alice')).body, /In etwa 3 Minuten geht es weiter\./)
  lab.mood = 'usual'
})

test('where there is one language there is nothing to choose', async () => {
  const languages = { ...loadLanguages(), names: ['en'] }
  const single = await openLab({ languages })
  after(() => single.close())
  assert.doesNotMatch((await single.client().get('/')).body, /\/language/)
})
