// Stories about what a configuration says, and the files it names: each change counts, at once and as a whole, or is said not to.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { makeSelfSigned } from '../../src/certs/authority.ts'
import { AT_FIRST, begin, chapters, type Story } from './story.ts'

const CONFIGURATION = 'conf.d/configuration.yml'
const RULES = 'conf.d/rules.yml'
const SIGNED_OUT = { ...AT_FIRST, alice: '302 auth.example.com', bob: '302 auth.example.com' }
const BASE = chapters('.')

test('a rule test that fails: the new rules are refused until rules and cases agree', async (t) => {
  const files = chapters('rule-tests')
  const CASES = 'conf.d/rules.test.yml'
  const story = await begin(t)
  story.write(CASES, files['1-cases.yml'])
  await story.takesOver(AT_FIRST)
  story.write(RULES, files['2-opens-too-much.yml'])
  await story.refuses(/app\.example\.com.*bypass/, { file: CASES, line: 6 }, AT_FIRST)
  story.write(RULES, files['3-two-factors.yml'])
  await story.refuses(/app\.example\.com.*two_factor/, { file: CASES, line: 6 }, AT_FIRST)
  story.write(CASES, files['4-cases.yml'])
  await story.takesOver(SIGNED_OUT)
  await story.says(/^healed/)
  await story.end()
})

test('two files that must change together: nobody is ever judged by one old and one new', async (t) => {
  const files = chapters('together')
  const story = await begin(t)
  const crew = { ...AT_FIRST, alice: '200 alice crew', bob: '200 bob crew' }
  for (let i = 0; i < 2; i++) {
    story.write('users.yml', files['1-users.yml'])
    story.write(RULES, files['1-rules.yml'])
    await story.takesOver(crew)
    story.write(RULES, BASE['rules.yml'])
    story.write('users.yml', BASE['users.yml'])
    await story.takesOver(AT_FIRST)
  }
  assert.equal((await story.status()).snapshot.number, 5)
  await story.end()
})

test('a user disabled while he holds a session is refused at once, and comes back without it', async (t) => {
  const files = chapters('disabled-user')
  const story = await begin(t)
  story.write('users.yml', files['1-disabled.yml'])
  await story.takesOver({ ...AT_FIRST, alice: '302 auth.example.com' })
  story.write('users.yml', files['2-enabled.yml'])
  await story.takesOver({ ...AT_FIRST, alice: '302 auth.example.com' })
  const cookie = await story.program.signIn('alice')
  assert.equal((await story.program.gate('app.example.com', { Cookie: cookie })).status, 200)
  // As a command does that has edited the file itself.
  story.write('users.yml', files['1-disabled.yml'])
  const outcome = await story.reload()
  assert.deepEqual([outcome.kind, outcome.snapshot], ['applied', 4])
  await story.answers({ ...AT_FIRST, alice: '302 auth.example.com' })
  await story.end()
})

test('a session secret rotated: every session of before is dead, new ones live', async (t) => {
  const files = chapters('secret-rotated')
  const story = await begin(t)
  assert.equal((await story.status()).sessions, 2)
  story.write(CONFIGURATION, files['1-rotated.yml'])
  await story.takesOver(SIGNED_OUT)
  assert.equal((await story.status()).sessions, 0)
  const cookie = await story.program.signIn('alice')
  assert.equal((await story.program.gate('app.example.com', { Cookie: cookie })).status, 200)
  // With the secret of before the first sessions are what they were, and that one is dead.
  story.write(CONFIGURATION, BASE['base.yml'])
  await story.takesOver(AT_FIRST)
  assert.notEqual((await story.program.gate('app.example.com', { Cookie: cookie })).status, 200)
  await story.end()
})

test('a secret of a file rotated', async (t) => {
  const story = await begin(t, {
    env: { LATCHKEY_SESSION_SECRET_FILE: 'session-secret' },
    prepare(folder) {
      writeFileSync(join(folder, 'session-secret'), 'a-session-secret-of-a-file-nobody-may-see\n')
      const text = readFileSync(join(folder, CONFIGURATION), 'utf8')
      writeFileSync(join(folder, CONFIGURATION), text.replace(/ {2}secret: .*\n/, ''))
    },
  })
  story.write('session-secret', 'another-session-secret-of-a-file-nobody-may-see\n')
  await story.takesOver(SIGNED_OUT)
  await story.end()
  assert.doesNotMatch(story.program.stdout + story.program.stderr, /nobody-may-see/)
})

test('a cookie domain added and removed', async (t) => {
  const files = chapters('cookie-domain')
  const story = await begin(t)
  const other = async (): Promise<string> => {
    const { status, headers } = await story.program.gate('app.example.org', { Accept: 'text/html' })
    return `${status} ${headers.location?.split('?')[0] ?? ''}`
  }
  const { program } = story
  assert.equal((await program.gate('app.example.org')).status, 400)
  story.write(CONFIGURATION, files['1-added.yml'])
  story.write(RULES, `${BASE['rules.yml']}    - domain: 'app.example.org'\n      policy: 'one_factor'\n`)
  await story.takesOver(AT_FIRST)
  assert.equal(await other(), '302 https://login.example.org/')
  story.write(CONFIGURATION, BASE['base.yml'])
  await story.takesOver(AT_FIRST)
  assert.equal((await program.gate('app.example.org')).status, 400)
  await story.end()
})

test('a port, a database and its key changed: said by name, and the rest takes effect', async (t) => {
  const files = chapters('port-changed')
  const story = await begin(t)
  story.write(CONFIGURATION, files['1-changed.yml'])
  const line = await story.says(/^these keys count after the next start only/)
  const keys = ['server.address', 'storage.local.path', 'storage.encryption_key']
  assert.deepEqual(line['keys'], keys)
  await story.takesOver({ ...AT_FIRST, portal: '200 dark' })
  assert.deepEqual((await story.status()).restart, keys)
  assert.ok(!existsSync(story.path('elsewhere.sqlite3')))
  assert.doesNotMatch(story.program.stdout, /nobody-may-see/)
  // Put back, it is said no more.
  story.write(CONFIGURATION, BASE['base.yml'])
  await story.takesOver(AT_FIRST)
  assert.deepEqual((await story.status()).restart, [])
  await story.end()
})

test('theme, sub-path, endpoints, limits, regulation and the log: all of it counts', async (t) => {
  const files = chapters('settings')
  const story = await begin(t)
  const { program } = story
  const status = async (path: string): Promise<number> => (await program.ask({ path })).status
  const cookie = await program.signIn('alice')
  const code = async (): Promise<number> =>
    (await program.api('/api/secondfactor/totp', { token: '000000' }, cookie)).status
  assert.deepEqual([await status('/sub/api/health'), await status('/api/authz/extra')], [421, 404])
  assert.deepEqual([await code(), await code()], [403, 403])

  story.write(CONFIGURATION, files['1-changed.yml'])
  await story.takesOver({ ...AT_FIRST, portal: '200 dark' })
  assert.deepEqual([await status('/sub/api/health'), await status('/api/authz/extra')], [200, 400])
  assert.deepEqual([await code(), await code()], [403, 429])
  // One failure is enough for a ban now.
  await program.api('/api/firstfactor', { username: 'bob', password: 'wrong' })
  assert.equal((await program.api('/api/firstfactor', { username: 'bob', password: 'password' })).status, 401)
  assert.equal((await story.status()).bans, 1)
  await program.logged(/^decided$/)

  story.write(CONFIGURATION, BASE['base.yml'])
  await story.takesOver(AT_FIRST)
  const written = readFileSync(story.path('latchkey.log'), 'utf8')
  assert.match(written, /"decided"/)
  await story.reload()
  assert.equal(readFileSync(story.path('latchkey.log'), 'utf8'), written)
  await story.end()
})

test('trusted proxies changed: who may ask is another at the next question', async (t) => {
  const files = chapters('settings')
  const story = await begin(t)
  story.write(CONFIGURATION, files['2-untrusted.yml'])
  await story.takesOver({ public: '400', alice: '400', bob: '400', stranger: '400' })
  story.write(CONFIGURATION, BASE['base.yml'])
  await story.takesOver(AT_FIRST)
  await story.end()
})

test('what throws when all is built leaves everything as it was', async (t) => {
  const files = chapters('settings')
  const story = await begin(t)
  story.write(CONFIGURATION, files['3-log-elsewhere.yml'])
  await story.refuses(/log file no-such-folder\/latchkey\.log can't be opened/, undefined, AT_FIRST)
  mkdirSync(story.path('no-such-folder'))
  // No file that is watched has changed.
  assert.equal((await story.reload()).kind, 'applied')
  await story.answers(AT_FIRST)
  await story.end()
})

/** Of whom the certificate is that a new connection gets. */
async function served(story: Story): Promise<string> {
  const socket = connect({
    port: story.program.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    servername: 'x.test',
  })
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  const { subjectaltname = '' } = socket.getPeerCertificate()
  socket.destroy()
  return subjectaltname
}

test('a certificate renewed: certificate first, then its key; connections that are open go on', async (t) => {
  const pair = async (name: string) => makeSelfSigned({ dns: [name] }, { now: Date.now(), days: 30 })
  const [one, two, three] = [await pair('one.test'), await pair('two.test'), await pair('three.test')]
  const story = await begin(t, {
    prepare(folder) {
      writeFileSync(join(folder, 'tls.crt'), one.certificate)
      writeFileSync(join(folder, 'tls.key'), one.privateKey)
      const text = readFileSync(join(folder, CONFIGURATION), 'utf8')
      const tls = "server:\n  tls:\n    certificate: 'tls.crt'\n    key: 'tls.key'\n"
      writeFileSync(join(folder, CONFIGURATION), text.replace('server:\n', tls))
    },
  })
  assert.match(await served(story), /one\.test/)
  story.write('tls.crt', two.certificate)
  story.write('tls.key', two.privateKey)
  await story.takesOver(AT_FIRST)
  assert.match(await served(story), /two\.test/)
  // Renewed by something slow: a pair that doesn't fit together serves nobody.
  story.write('tls.crt', three.certificate)
  await story.refuses(/doesn't belong to the certificate/, undefined, AT_FIRST)
  assert.match(await served(story), /two\.test/)
  story.write('.tls.key', three.privateKey)
  renameSync(story.path('.tls.key'), story.path('tls.key'))
  await story.takesOver(AT_FIRST)
  await story.says(/^healed/)
  assert.match(await served(story), /three\.test/)
  await story.end()
})

test('a certificate of our own is made anew for another cookie domain', async (t) => {
  const files = chapters('cookie-domain')
  const story = await begin(t, { args: ['--config', 'conf.d', '--self-signed'] })
  assert.doesNotMatch(await served(story), /example\.org/)
  story.write(CONFIGURATION, files['1-added.yml'])
  await story.takesOver(AT_FIRST)
  assert.match(await served(story), /example\.org/)
  await story.end()
})
