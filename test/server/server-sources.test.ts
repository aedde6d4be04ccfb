// Where the program takes its configuration from, each way end to end once. What each of them means in detail is tested in test/config/.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { configuration, furnish, launch, type Program, SECRETS, start, type Tree } from './program.ts'

const rules = (...domains: string[]): Tree => ({
  access_control: { default_policy: 'deny', rules: domains.map((domain) => ({ domain, policy: 'bypass' })) },
})
const isOpen = async (program: Program, host: string): Promise<boolean> => (await program.gate(host)).status === 200
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

test('`latchkey --config x.yml`, as the entrypoint of an Authelia container, serves', async (t) => {
  const program = await start(t, { args: ['--config', 'configuration.yml'] })
  assert.ok(await isOpen(program, 'public.example.com'))
  assert.equal(await program.stop(), 0)
})

test('`latchkey` alone with X_AUTHELIA_CONFIG serves; several files in it, the later wins', async (t) => {
  const folder = temporaryFolder(t)
  furnish(folder, { changes: rules('first.example.com') })
  writeFileSync(join(folder, 'more.yml'), json(rules('second.example.com')))
  const program = await start(t, { folder, args: [], env: { X_AUTHELIA_CONFIG: 'configuration.yml,more.yml' } })
  assert.deepEqual(
    [await isOpen(program, 'second.example.com'), await isOpen(program, 'first.example.com')],
    [true, false],
  )
})

test('`latchkey` alone without any of that shows what there is, and `--help` always does', async (t) => {
  for (const args of [[], ['--help']]) {
    const program = launch(t, { args, ...(args.length ? { env: { X_AUTHELIA_CONFIG: 'configuration.yml' } } : {}) })
    assert.equal(await program.ended, 0)
    assert.match(program.stdout, /COMMANDS[\s\S]*\bserve\b/)
  }
})

test('several --config, one of them a folder: all of it is merged in order', async (t) => {
  const folder = temporaryFolder(t)
  const { access_control: _rules, ...least } = configuration(folder)
  mkdirSync(join(folder, 'conf.d'))
  writeFileSync(join(folder, 'conf.d', '10-base.yml'), json(least))
  writeFileSync(join(folder, 'conf.d', '20-rules.yaml'), json(rules('folder.example.com')))
  writeFileSync(join(folder, 'conf.d', 'notes.txt'), 'not: [yaml')
  writeFileSync(join(folder, 'last.yml'), json({ server: { address: 'tcp://127.0.0.1:0/last' } }))
  const program = await start(t, { folder, args: ['serve', '--config', 'conf.d', '--config', 'last.yml'] })
  assert.ok(await isOpen(program, 'folder.example.com'))
  assert.equal((await program.ask({ path: '/last/api/health' })).status, 200)
})

test('AUTHELIA_* and LATCHKEY_* variables, and secrets in files, never shown', async (t) => {
  const folder = temporaryFolder(t)
  furnish(folder, { changes: { storage: { encryption_key: undefined }, session: { secret: undefined } } })
  writeFileSync(join(folder, 'key'), `${SECRETS.storage}\n`)
  const program = await start(t, {
    folder,
    env: {
      AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE: join(folder, 'key'),
      LATCHKEY_SESSION_SECRET: SECRETS.session,
      AUTHELIA_ACCESS_CONTROL_DEFAULT_POLICY: 'bypass',
      AUTHELIA_LOG_LEVEL: 'trace',
    },
  })
  assert.ok(await isOpen(program, 'anything.example.com'))
  assert.equal(await program.stop(), 0)
  for (const secret of Object.values(SECRETS)) assert.ok(!(program.stdout + program.stderr).includes(secret))
  // the key of the file is the one in use
  const other = launch(t, {
    folder,
    env: { AUTHELIA_STORAGE_ENCRYPTION_KEY: 'some-other-key-of-sufficient-length', LATCHKEY_SESSION_SECRET: 'x' },
  })
  assert.equal(await other.ended, 3)
  assert.match(other.stderr, /storage\.encryption_key is not the key/)
})

test('the filters template and expand-env, by flag and by variable', async (t) => {
  const folder = temporaryFolder(t)
  const text = json({ ...configuration(folder), ...rules('PLACE') })
  writeFileSync(join(folder, 'configuration.yml'), text.replace('PLACE', `{{ env "NAME" }}.\${ZONE}`))
  const env = { NAME: 'templated', ZONE: 'example.com' }
  const flag = ['--config.experimental.filters', 'expand-env,template']
  const byFlag = await start(t, { folder, env, args: ['--config', 'configuration.yml', ...flag] })
  assert.ok(await isOpen(byFlag, 'templated.example.com'))
  await byFlag.stop()
  const byVariable = await start(t, { folder, env: { ...env, X_AUTHELIA_CONFIG_FILTERS: 'template,expand-env' } })
  assert.ok(await isOpen(byVariable, 'templated.example.com'))
})

test('DEBUG prints no session id of a library, and no flag', async (t) => {
  const program = await start(t, { env: { DEBUG: '*' } })
  const cookie = await program.signIn('alice')
  assert.equal((await program.gate('app.example.com', { Cookie: cookie })).status, 200)
  await program.stop()
  assert.doesNotMatch(program.stderr, /express|session|oclif/)
  assert.ok(!program.stderr.includes(SECRETS.storage))
})
