// What the server rests on fails under it: nobody gets further than before, and when it is mended all goes on.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { assertAllowed, assertLogin, cookiesOf, forwardAuth, PASSWORD, portalHeaders, startLab } from './lab.ts'

const lab = await startLab({ quick: true, errorsExpected: true })
after(() => lab.close())
const ONE = 'https://one.example.com/'
const tablesOf = (database: DatabaseSync): string[] =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    .all()
    .map(({ name }) => String(name))

/** All tables gone under the server's feet, and back. */
async function without(file: string, during: () => Promise<void>): Promise<void> {
  const database = new DatabaseSync(join(lab.folder, file))
  const tables = tablesOf(database)
  assert.ok(tables.length > 0, file)
  try {
    for (const table of tables) database.exec(`ALTER TABLE "${table}" RENAME TO "gone ${table}"`)
    await during()
  } finally {
    for (const table of tables) database.exec(`ALTER TABLE "gone ${table}" RENAME TO "${table}"`)
    database.close()
  }
}

test('DEP-01 RES-04 without its session store the gate answers nobody with a pass, and a sign-in gives no cookie', async () => {
  const carol = await lab.signedIn('carol', 1)
  const cookie = carol.session
  await without('db.sessions.sqlite3', async () => {
    for (const url of [ONE, 'https://admin.example.com/', 'https://deny.example.com/']) {
      const { status, body } = await lab.ask({ ...forwardAuth(url, { cookie }), mayFail: true })
      assert.equal(status, 500, url)
      assert.match(body, /^500 Internal Server Error\n[\da-f-]{36}\n$/)
    }
    assertLogin(await lab.ask(forwardAuth(ONE)), 'without a cookie nobody needs the store')
    assertAllowed(await lab.ask(forwardAuth('https://public.example.com/')), '', 'nor where anybody may go')
    const login = { username: 'carol', password: PASSWORD }
    const body = JSON.stringify(login)
    const headers = [...portalHeaders('auth.example.com'), ['Content-Type', 'application/json'] as const]
    const answer = await lab.ask({ method: 'POST', path: '/api/firstfactor', headers, body, mayFail: true })
    assert.ok(answer.status === 401 || answer.status === 500, String(answer.status))
    assert.deepEqual(cookiesOf(answer), [])
    for (const path of ['/', '/api/state', '/api/user/info', '/logout']) {
      const page = await lab.ask({
        path,
        headers: [...portalHeaders('auth.example.com'), ['Cookie', carol.cookie]],
        mayFail: true,
      })
      assert.equal(page.status, 500, path)
      assert.deepEqual(cookiesOf(page), [], path)
    }
  })
  assertAllowed(await carol.asks(ONE), 'carol', 'and back')
})

test('BRF-10 RES-04 without the record of attempts no password and no code is good', async () => {
  const bob = await lab.signedIn('bob', 1)
  lab.clock.advance(30_000)
  const send = (path: string, body: object, cookie?: string) =>
    lab.ask({
      method: 'POST',
      path,
      headers: [
        ...portalHeaders('auth.example.com'),
        ['Content-Type', 'application/json'],
        ...(cookie === undefined ? [] : [['Cookie', cookie] as const]),
      ],
      body: JSON.stringify(body),
      mayFail: true,
    })
  await without('db.sqlite3', async () => {
    const password = await send('/api/firstfactor', { username: 'carol', password: PASSWORD })
    assert.ok(password.status === 401 || password.status === 500, String(password.status))
    assert.deepEqual(cookiesOf(password), [])
    const code = await send('/api/secondfactor/totp', { token: lab.code('bob') }, bob.cookie)
    assert.ok(code.status === 403 || code.status === 500, String(code.status))
    assert.deepEqual(cookiesOf(code), [])
    const extra = [['Authorization', `Basic ${Buffer.from(`carol:${PASSWORD}`).toString('base64')}`]] as const
    const basic = await lab.ask({ ...forwardAuth(ONE, { extra }), mayFail: true })
    assert.ok(basic.status === 401 || basic.status === 500, String(basic.status))
    assertAllowed(await bob.asks(ONE), 'bob', 'a session needs none of it')
  })
  assert.equal((await bob.state()).authentication_level, 1)
  assert.equal((await bob.post('/api/secondfactor/totp', { token: lab.code('bob', 1) })).status, 200, 'and back')
})

test('DEP-01 a store that another process holds locked is answered within seconds, and never with a pass that wasn’t due', async () => {
  const carol = await lab.signedIn('carol', 1)
  const locked = new DatabaseSync(join(lab.folder, 'db.sessions.sqlite3'))
  try {
    locked.exec('BEGIN IMMEDIATE')
    const began = performance.now()
    assertAllowed(await carol.asks(ONE), 'carol', 'reading goes on')
    assert.ok(performance.now() - began < 3000)
    lab.clock.advance(5 * 60_000 + 1000)
    assertLogin(await carol.asks(ONE), 'what died in time is dead, though it can’t be removed')
  } finally {
    locked.exec('ROLLBACK')
    locked.close()
  }
  assertLogin(await carol.asks(ONE), 'and stays so')
})
