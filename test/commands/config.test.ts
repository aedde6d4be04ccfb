import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Ajv } from 'ajv'
import { load } from 'js-yaml'
import { latchkey } from './run.ts'

const root = join(import.meta.dirname, '..', '..')
let cwd = ''
const text = (name: string): string => readFileSync(join(cwd, name), 'utf8')
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
  cpSync(join(root, 'examples/nginx/configuration.yml'), join(cwd, 'configuration.yml'))
  writeFileSync(
    join(cwd, 'other.yml'),
    text('configuration.yml').replace(':9091', ':9092').replace("policy: 'two_factor'", "policy: 'deny'"),
  )
  writeFileSync(join(cwd, 'bad.yml'), 'server: {adress: x}\n')
})
after(() => rmSync(cwd, { recursive: true, force: true }))

const secrets = /replace-me-with|from-a-file|from-the-environment/

describe('config show', () => {
  test('says of each value where it came from, and no secret', () => {
    writeFileSync(
      join(cwd, 'plain.yml'),
      text('configuration.yml')
        .replace(/^ {2}secret: .*\n/m, '')
        .replace(/^ {2}encryption_key: .*\n/m, ''),
    )
    writeFileSync(join(cwd, 'session.secret'), 'from-a-file-and-long-enough-to-be-one\n')
    const env = {
      AUTHELIA_LOG_LEVEL: 'debug',
      AUTHELIA_SESSION_SECRET_FILE: 'session.secret',
      LATCHKEY_STORAGE_ENCRYPTION_KEY: 'from-the-environment-and-long-enough',
    }
    const { code, stdout, stderr } = latchkey(['config', 'show', '--config', 'plain.yml'], { cwd, env })
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^ {2}address: 'tcp:\/\/127\.0\.0\.1:9091\/' +# plain\.yml:5$/m)
    assert.match(stdout, /^ {2}level: 'debug' +# \$AUTHELIA_LOG_LEVEL$/m)
    assert.match(stdout, /^ {2}secret: '\*{8}' +# session\.secret \(\$AUTHELIA_SESSION_SECRET_FILE\)$/m)
    assert.match(stdout, /^ {2}encryption_key: '\*{8}' +# \$LATCHKEY_STORAGE_ENCRYPTION_KEY$/m)
    assert.match(stdout, /^ {2}expiration: '1h' +# default$/m)
    assert.match(stdout, /^ {6}expiration: '1h' +# from session\.expiration$/m)
    assert.doesNotMatch(stdout, secrets)
  })

  test('what it prints can be read as YAML, and with --set holds what is written and nothing else', () => {
    const { stdout } = latchkey(['config', 'show', '--set'], { cwd })
    const shown = load(stdout) as Record<string, unknown>
    assert.deepEqual(Object.keys(shown).sort(), [
      'access_control',
      'authentication_backend',
      'identity_validation',
      'notifier',
      'server',
      'session',
      'storage',
    ])
    assert.deepEqual(shown['authentication_backend'], { file: { path: 'users.yml', watch: true } })
  })

  test('--json has path, value and source of the part that was asked for', () => {
    const { code, stdout } = latchkey(['config', 'show', 'session', '--json'], { cwd })
    assert.equal(code, 0)
    assert.doesNotMatch(stdout, secrets)
    const { values } = JSON.parse(stdout)
    assert.deepEqual(values[0], {
      path: 'session.secret',
      value: '********',
      source: { kind: 'file', file: 'configuration.yml', line: 27, column: 11 },
    })
    assert.ok(values.every(({ path }: { path: string }) => path.startsWith('session.')))
  })

  test('a key that is not there is answered "no", an invalid configuration with what is wrong', () => {
    const nothing = latchkey(['config', 'show', 'sesion'], { cwd })
    assert.equal(nothing.code, 1)
    assert.match(nothing.stderr, /Nothing is set at sesion\./)
    const invalid = latchkey(['config', 'show', '-c', 'bad.yml'], { cwd })
    assert.equal(invalid.code, 1)
    assert.match(invalid.stderr, /bad\.yml:1:10 {2}error {2}server\.adress is not a known key/)
  })
})

describe('config diff', () => {
  test('exit code 0 and a word when nothing differs', () => {
    const { code, stdout } = latchkey(['config', 'diff', 'configuration.yml', 'configuration.yml'], { cwd })
    assert.equal(code, 0)
    assert.equal(stdout, 'No difference.\n')
  })

  test('exit code 1, and what a reload changes apart from what waits for a restart', () => {
    const { code, stdout } = latchkey(['config', 'diff', 'configuration.yml', '--config', 'other.yml'], { cwd })
    assert.equal(code, 1)
    assert.equal(
      stdout,
      `A reload changes:
  ~ access_control.rules[3].policy: 'two_factor' → 'deny'  # other.yml:25
Only a restart changes:
  ~ server.address: 'tcp://127.0.0.1:9091/' → 'tcp://127.0.0.1:9092/'  # other.yml:5
`,
    )
  })

  test('--json says the same as data', () => {
    const { code, stdout } = latchkey(['config', 'diff', 'configuration.yml', 'other.yml', '--json'], { cwd })
    assert.equal(code, 1)
    const { same, changes } = JSON.parse(stdout)
    assert.equal(same, false)
    assert.deepEqual(
      changes.map(({ path, change, effect }: Record<string, string>) => [path, change, effect]),
      [
        ['server.address', 'changed', 'restart'],
        ['access_control.rules[3].policy', 'changed', 'reload'],
      ],
    )
  })

  test('without a server and without two names there is nothing to compare', () => {
    const { code, stderr } = latchkey(['config', 'diff'], { cwd })
    assert.equal(code, 3)
    assert.match(stderr, /No server runs on the database .*latchkey\.sqlite3\./)
  })

  test('a side that can not be read is no answer', () => {
    const { code, stderr } = latchkey(['config', 'diff', 'bad.yml', 'configuration.yml'], { cwd })
    assert.equal(code, 3)
    assert.match(stderr, /^latchkey: bad\.yml is not valid\n/)
  })
})

describe('config schema', () => {
  test('is one document by which the examples are valid and a slip of the hand is not', () => {
    const { code, stdout } = latchkey(['config', 'schema'])
    assert.equal(code, 0)
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
    const validate = ajv.compile(JSON.parse(stdout))
    assert.ok(validate(load(text('configuration.yml'))), JSON.stringify(validate.errors))
    assert.ok(!validate(load(text('bad.yml'))))
    assert.doesNotMatch(stdout, /"x-|schema\.json"/)
    assert.match(stdout, /"deprecationMessage"/)
  })

  test('is written to a new file that everybody may read, never over an old one', () => {
    const write = () => latchkey(['config', 'schema', 'users', '--output', 'users.schema.json'], { cwd })
    assert.equal(write().code, 0)
    assert.equal(statSync(join(cwd, 'users.schema.json')).mode & 0o777, 0o644)
    assert.ok(JSON.parse(text('users.schema.json')).properties.users)
    const again = write()
    assert.equal(again.code, 3)
    assert.match(again.stderr, /users\.schema\.json exists already; it is left as it is\./)
    const nowhere = latchkey(['config', 'schema', '--output', 'no/where.json'], { cwd })
    assert.equal(nowhere.code, 3)
    assert.match(nowhere.stderr, /no\/where\.json can't be written/)
    assert.ok(!existsSync(join(cwd, 'no')))
  })
})

describe('config template', () => {
  test('prints each file as the filters leave it', () => {
    writeFileSync(join(cwd, 'template.yml'), 'theme: {{ env "COLOURS" | squote }}\n')
    const args = ['config', 'template', '--config', 'template.yml', '--config.experimental.filters', 'template']
    const { code, stdout } = latchkey(args, { cwd, env: { COLOURS: 'dark' } })
    assert.equal(code, 0)
    assert.equal(stdout, "---\n##\n## template.yml, filters: template\n##\n\ntheme: 'dark'\n\n")
  })

  test('a template that is wrong is told with its place', () => {
    writeFileSync(join(cwd, 'wrong.yml'), 'theme: {{ nothing }}\n')
    const args = ['config', 'template', '--config', 'wrong.yml', '--config.experimental.filters', 'template']
    const { code, stdout, stderr } = latchkey(args, { cwd })
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^wrong\.yml:1:11 {2}error {2}In the template: /m)
  })
})

test('a reader that has seen enough ends a command well', async () => {
  const child = spawn(process.execPath, [join(root, 'bin/dev.js'), 'config', 'schema'], { env: { PATH: '' } })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  child.stdout.once('data', () => child.stdout.destroy())
  const code = await new Promise((done) => child.once('close', done))
  assert.equal(said, '')
  assert.equal(code, 0)
})
