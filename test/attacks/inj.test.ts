// Names and values that mean something to a language, put wherever somebody from outside may write.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  assertAllowed,
  assertClosed,
  assertLogin,
  assertUnpolluted,
  forwardAuth,
  PASSWORD,
  PROTOCOLS,
  SESSION,
  startLab,
} from './lab.ts'

const ONE = 'https://one.example.com/'
const MAGIC = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']

const lab = await startLab({
  quick: true,
  users: {
    carol: { displayname: 'Carol' },
    constructor: { displayname: '<script>alert(1)</script>', email: 'c@example.com' },
    'x-zoe': { displayname: 'Zoë 山田 €', groups: ['größe'] },
    "o'hara; drop table": { displayname: '{{7*7}}<%= 7*7 %>' },
  },
})
after(() => lab.close())

const basic = (username: string, password: string) =>
  [['Authorization', `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`]] as const

test('INJ-01 names of the language are names like any other', async () => {
  const strangers = MAGIC.filter((name) => name !== 'constructor')
  const answers = strangers.map(async (username, i) => {
    const browser = lab.browser('auth.example.com', `198.18.2.${i}`)
    assert.equal((await browser.post('/api/firstfactor', { username, password: PASSWORD })).status, 401, username)
    assertClosed(await lab.ask(forwardAuth(ONE, { extra: basic(username, PASSWORD) })), username)
  })
  await Promise.all(answers)
  const known = await lab.signedIn('constructor', 1)
  assertAllowed(await known.asks(ONE), 'constructor', 'a user of that name')
  const page = await known.get('/')
  assert.doesNotMatch(page.body, /<script>alert/)
})

test('INJ-01 INJ-11 keys of the language, and keys nobody asked for, change nothing in any body', async () => {
  const bodies = [
    '{"__proto__":{"level":2,"polluted":1},"username":"carol","password":"no"}',
    '{"constructor":{"prototype":{"polluted":1}},"username":"carol","password":"no"}',
    '{"username":"carol","password":{"__proto__":{"polluted":1}}}',
    '{"username":{"$gt":""},"password":{"$gt":""}}',
    '{"username":["carol"],"password":["no"]}',
    '[{"username":"carol"}]',
    `{"username":"carol","password":"no","level":2,"groups":["admins"],"elevated":true,"authentication_level":2}`,
    '{"username":"carol\\ud800","password":"no"}',
    '"carol"',
    'null',
    '1e999',
    '',
    '{',
    `${'['.repeat(2000)}${']'.repeat(2000)}`,
    '{"username":"carol","username":{"a":1}}',
    '\ufeff{"username":"carol","password":"no"}',
  ]
  const answers = bodies.map((body, i) =>
    lab.browser('auth.example.com', `198.18.3.${i}`).post('/api/firstfactor', body),
  )
  for (const [i, { status }] of (await Promise.all(answers)).entries()) assert.equal(status, 401, bodies[i])
  assertUnpolluted()
  lab.clock.advance(10 * 60_000)
  const more = {
    username: 'carol',
    password: PASSWORD,
    level: 2,
    authentication_level: 2,
    groups: ['admins'],
    elevated: true,
  }
  const browser = lab.browser()
  assert.equal((await browser.post('/api/firstfactor', more)).status, 200)
  assert.equal((await browser.state()).authentication_level, 1)
  assert.equal((await browser.asks('https://app.example.com/admin')).status, 403, 'no group came along')
})

test('INJ-01 nor in a header, a query, a cookie or a form', async () => {
  for (const name of MAGIC) {
    const extra = [
      [name, 'x'],
      ['Cookie', `${name}={"level":2}; ${SESSION}[${name}]=x`],
    ] as const
    for (const ask of Object.values(PROTOCOLS)) assertLogin(await lab.ask(ask(ONE, { extra })), name)
    assertLogin(await lab.ask(forwardAuth(`https://one.example.com/?${name}[x]=1&${name}=2`)), name)
    const query = `${name}[polluted]=1&${name}.polluted=1&rd=https%3A%2F%2Fone.example.com%2F&rd[${name}]=1`
    assert.equal((await lab.browser().get(`/?${query}`)).status, 200, name)
    const form = { [`${name}[polluted]`]: '1', [name]: '1', username: 'x', password: 'y' }
    assert.equal((await lab.browser('auth.example.com', '198.18.4.1').form('/', form)).status, 401, name)
    const host = forwardAuth(`https://${name}/`)
    assertClosed(await lab.ask(host), `host ${name}`)
    assert.equal((await lab.browser().get(`/${name}`)).status, 404, `page ${name}`)
    assert.equal((await lab.browser().get(`/api/${name}`)).status, 404, `API ${name}`)
    assert.equal((await lab.browser().get(`/static/${name}`)).status, 404, `file ${name}`)
  }
})

test('HDR-21 INJ-08 what the directory says arrives as UTF-8, and breaks neither a header nor a page', async () => {
  const zoe = await lab.signedIn('x-zoe', 1)
  const { headers } = await zoe.asks(ONE)
  const utf8 = (value = '') => Buffer.from(value, 'latin1').toString('utf8')
  assert.equal(utf8(headers['remote-name']), 'Zoë 山田 €')
  assert.equal(utf8(headers['remote-groups']), 'größe')
  const hara = await lab.signedIn("o'hara; drop table", 1)
  assertAllowed(await hara.asks(ONE), "o'hara; drop table", 'a name like SQL')
  assert.match((await hara.get('/')).body, /\{\{7\*7\}\}/, 'INJ-06 a name is no template')
})

test('INJ-02 INJ-07 text that ends a string, a line or a record is text', async () => {
  const names = [
    "' OR 1=1--",
    '"; DROP TABLE attempts;--',
    'carol\nlevel=info',
    'x\u001b[2J',
    'x\u2028y',
    '%',
    '_____',
    'x'.repeat(200),
  ]
  const before = lab.log().length
  const answers = names.map((username, i) =>
    lab.browser('auth.example.com', `198.18.5.${i}`).post('/api/firstfactor', { username, password: 'no' }),
  )
  for (const { status } of await Promise.all(answers)) assert.equal(status, 401)
  const lines = lab.log().slice(before)
  assert.equal(lines.filter((line) => line['event'] === 'sign-in-refused').length, names.length)
  assert.doesNotMatch(
    lab.logText(),
    /DROP TABLE|OR 1=1/,
    'LOG-01 a name nobody has may be a password typed a line too high',
  )
  for (const line of lines) assert.ok(JSON.stringify(line).length < 2000, 'INJ-07 no record is long')
  assert.doesNotMatch(lab.logText(), /\u001b/)
})

test('INJ-09 no file leaves the folder of static files', async () => {
  for (const path of [
    '/static/../package.json',
    '/static/%2e%2e/package.json',
    '/static/..%2fpackage.json',
    '/static/..%5cpackage.json',
    '/static/..\\package.json',
    '/static//etc/passwd',
    '/static/%00',
    '/static/.env',
    '/static/',
    '/locales/..%2f..%2fetc/passwd.json',
    '/locales/en/../../configuration.yml',
    '/static/style.css/../../../package.json',
  ]) {
    const { status, body } = await lab.browser().get(path)
    assert.equal(status, 404, path)
    assert.doesNotMatch(body, /root:|dependencies|encryption/, path)
  }
})
