// Mail as a running server sends it: the real program, and a mail server on a real socket.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { latchkeyMeanwhile } from '../commands/run.ts'
import { AUTHORITY, freePort, startMailServer } from '../notify/mail-server.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { launch, type Program, SECRETS, start, type Tree } from './program.ts'

const CONFIG = ['--config', 'configuration.yml']
const PASSWORD = 'canary-mail-password'

/** A folder with the authority that the mail server's certificate is from. */
function folderFor(t: TestContext): string {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'authorities'))
  writeFileSync(join(folder, 'authorities', 'mail.pem'), AUTHORITY)
  return folder
}
const byMail = (port: number, more: Tree = {}, smtp: Tree = {}): Tree => ({
  certificates_directory: 'authorities',
  notifier: {
    filesystem: undefined,
    smtp: { address: `submission://localhost:${port}`, sender: 'latchkey@example.com', timeout: '2s', ...smtp },
    ...more,
  },
})
const signInTwice = async (program: Program): Promise<void> => {
  await program.signIn('alice')
  await program.signIn('alice')
}
async function reload(
  program: Program,
): Promise<{ readonly kind: string; readonly problems: readonly { code: string; message: string }[] }> {
  const { stdout } = await latchkeyMeanwhile(['reload', ...CONFIG, '--json'], program.folder)
  return JSON.parse(stdout)
}
const change = (program: Program, change: (configuration: Tree) => void): void => {
  const configuration = JSON.parse(program.read('configuration.yml')) as Tree
  change(configuration)
  program.write('configuration.yml', JSON.stringify(configuration))
}

test('a sign-in with a new browser is told by mail; status says that mail works', async (t) => {
  const server = await startMailServer(t)
  const program = await start(t, { folder: folderFor(t), changes: byMail(server.port) })
  assert.equal(server.connections, 1, 'the check at start')
  await signInTwice(program)
  const [mail] = await server.count(1)
  assert.deepEqual(mail?.to, ['alice@example.com'])
  assert.equal(mail?.parsed.subject, '[Latchkey] A new sign-in to your account')
  assert.match(mail?.parsed.text ?? '', /From where: 203\.0\.113\.7/)
  const { stdout, code } = await latchkeyMeanwhile(['status', ...CONFIG], program.folder)
  assert.equal(code, 0)
  assert.match(stdout, new RegExp(`^mail {8}submission://localhost:${server.port}, 1 sent$`, 'm'))
})

test('LOG-01 a code by mail reaches its owner, and neither the log nor anybody who reads the database', async (t) => {
  const server = await startMailServer(t)
  const changes = { ...byMail(server.port), log: { format: 'json', level: 'trace' } }
  const program = await start(t, { folder: folderFor(t), changes })
  const cookie = await program.signIn('alice')
  const asked = await program.api('/api/user/session/elevation', {}, cookie)
  assert.equal(asked.status, 200, asked.body)
  const [mail] = await server.count(1)
  const lines = (mail?.parsed.text ?? '').split('\n')
  const code = lines.find((line) => /^[A-HJ-NP-RTUVWXYZ2-46-9]{8}$/.test(line)) ?? ''
  const link = lines.find((line) => /^https:\/\/auth\.example\.com\/revoke\/one-time-code\?id=/.test(line)) ?? ''
  assert.ok(code !== '' && link !== '', mail?.parsed.text)
  assert.equal(mail?.parsed.subject, '[Latchkey] Confirm your identity')
  await program.stop()
  const id = new URL(link).searchParams.get('id') ?? ''
  for (const secret of [code, id]) {
    assert.ok(!program.stdout.includes(secret), 'not in the log')
    assert.ok(!readFileSync(join(program.folder, 'db.sqlite3')).includes(secret), 'not in the database')
  }
})

test('DEP-08 a mail server that can not be used keeps a server from starting, unless somebody wrote otherwise', async (t) => {
  const folder = folderFor(t)
  const port = await freePort()
  const refused = launch(t, { folder, changes: byMail(port, {}, { username: 'latchkey', password: PASSWORD }) })
  assert.equal(await refused.ended, 3)
  assert.match(
    refused.stderr,
    new RegExp(
      `latchkey: Mail can't be sent by submission://localhost:${port}: .*ECONNREFUSED.*\n.*disable_startup_check`,
    ),
  )
  assert.doesNotMatch(refused.stdout + refused.stderr, new RegExp(PASSWORD))
  assert.ok(!existsSync(join(folder, 'db.sqlite3')), 'no database is made')
  await start(t, { folder: folderFor(t), changes: byMail(port, { disable_startup_check: true }) })
})

test('DEP a notice waits for a mail server that is away, also when the process is killed meanwhile', async (t) => {
  const folder = folderFor(t)
  const port = await freePort()
  const changes = byMail(port, { disable_startup_check: true })
  const first = await start(t, { folder, changes })
  await signInTwice(first)
  await first.logged(/^mail can not be delivered/)
  const status = JSON.parse((await latchkeyMeanwhile(['status', ...CONFIG, '--json'], folder)).stdout)
  assert.equal(status.mail.waiting, 1)
  assert.match(status.mail.trouble.reason, /ECONNREFUSED/)
  first.child.kill('SIGKILL')
  await first.ended
  assert.ok(!readFileSync(join(folder, 'db.sqlite3')).includes('alice@example.com'), 'sealed at rest')
  const server = await startMailServer(t, { port })
  await start(t, { folder, changes })
  assert.deepEqual((await server.count(1))[0]?.to, ['alice@example.com'])
})

test('DEP a mail server that is slow, or refuses, holds no page up', async (t) => {
  const server = await startMailServer(t, { delay: 3000 })
  const program = await start(t, { folder: folderFor(t), changes: byMail(server.port, {}, { timeout: '10s' }) })
  await program.signIn('alice')
  const began = Date.now()
  await program.signIn('alice')
  assert.ok(Date.now() - began < 2900, 'the sign-in was answered before the mail was taken')
  await server.count(1)
})

test('another notifier is used from the reload on; one that can not be used changes nothing', async (t) => {
  const [old, next] = [await startMailServer(t), await startMailServer(t)]
  const program = await start(t, { folder: folderFor(t), changes: byMail(old.port) })
  await program.signIn('alice')
  const dead = await freePort()
  change(program, ({ notifier }) => Object.assign(notifier.smtp, { address: `submission://localhost:${dead}` }))
  const refused = await reload(program)
  assert.deepEqual([refused.kind, refused.problems.map(({ code }) => code)], ['refused', ['mail-server']])
  await program.signIn('alice')
  await old.count(1)
  change(program, ({ notifier }) => Object.assign(notifier.smtp, { address: `submission://localhost:${next.port}` }))
  assert.equal((await reload(program)).kind, 'applied')
  await program.signIn('alice')
  await next.count(1)
  assert.equal(old.received.length, 1)
  change(program, ({ notifier }) => Object.assign(notifier, { new_sign_in_notice: false }))
  assert.equal((await reload(program)).kind, 'applied')
  await program.signIn('alice')
  change(program, (configuration) => {
    configuration['notifier'] = { filesystem: { filename: 'mail.txt' }, new_sign_in_notice: true }
  })
  assert.equal((await reload(program)).kind, 'applied')
  await program.signIn('alice')
  for (let tries = 0; !existsSync(join(program.folder, 'mail.txt')) || program.read('mail.txt') === ''; tries++) {
    assert.ok(tries < 200, 'nothing is written')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.match(
    program.read('mail.txt'),
    /^Date: .*\nRecipient: \{Alice alice@example\.com\}\nSubject: A new sign-in to your account\n/,
  )
  assert.equal(statSync(join(program.folder, 'mail.txt')).mode & 0o777, 0o600)
  assert.equal(next.received.length, 1)
})

test('CFG own templates are taken at the start and at a reload; a broken one is told, and the earlier keeps serving', async (t) => {
  const server = await startMailServer(t)
  const folder = folderFor(t)
  const templates = join(folder, 'templates')
  mkdirSync(templates)
  writeFileSync(join(templates, 'Event.txt'), '{{ .Title')
  const changes = byMail(server.port, { template_path: 'templates' })
  const refused = launch(t, { folder, changes })
  assert.equal(await refused.ended, 3)
  assert.match(refused.stderr, /latchkey: The template for mails .*Event\.txt:1 can't be used: In the template/)
  writeFileSync(join(templates, 'Event.txt'), 'OWN {{ .DisplayName }}\n')
  const program = await start(t, { folder, changes })
  await signInTwice(program)
  assert.equal((await server.count(1))[0]?.parsed.text?.trim(), 'OWN Alice')
  writeFileSync(join(templates, 'Event.txt'), 'OWN {{ .Nonsense }}\n')
  await program.logged(/not valid|keeps serving|refused/i)
  const answer = await reload(program)
  assert.deepEqual([answer.kind, answer.problems.map(({ code }) => code)], ['refused', ['mail-template']])
  await program.signIn('alice')
  assert.equal((await server.count(2))[1]?.parsed.text?.trim(), 'OWN Alice')
})

test('CRY-08 LOG-01 a server whose certificate is nobody’s gets neither mail nor password', async (t) => {
  const server = await startMailServer(t, {
    authOptional: false,
    onAuth: (_auth, _session, done) => done(new Error('never')),
  })
  const folder = temporaryFolder(t)
  const changes = {
    ...byMail(server.port, {}, { username: 'latchkey', password: PASSWORD }),
    certificates_directory: undefined,
  }
  const refused = launch(t, { folder, changes })
  assert.equal(await refused.ended, 3)
  assert.match(refused.stderr, /Mail can't be sent by .*(?:certificate|issuer)/i)
  for (const secret of [PASSWORD, ...Object.values(SECRETS)])
    assert.doesNotMatch(refused.stdout + refused.stderr, new RegExp(secret))
})
