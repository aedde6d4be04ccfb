import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { find, freePort } from '../bench/program.ts'
import { start } from '../server/program.ts'
import { mountedFolder } from '../storage/mounted-folder.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { latchkey } from './run.ts'

const YES = [
  ...['--yes', '--domain', 'example.com', '--app', 'wiki=http://127.0.0.1:3000', '--app', 'files.example.com=10.0.0.5'],
  ...['--proxy', 'nginx', '--user', 'alice'],
]
/** With other values in the place of some flags'. */
const instead = (...args: readonly string[]): string[] => [
  ...YES.filter((word, i) => word !== args[0] && YES[i - 1] !== args[0]),
  ...args,
]
const init = (cwd: string, ...args: string[]) => latchkey(['init', ...args], { cwd, input: 'correct horse battery\n' })
const modeOf = (path: string): number => statSync(path).mode & 0o777

describe('init --yes', () => {
  test('writes an installation that is valid, and a server on it lets the first user in at once', async (t) => {
    const cwd = temporaryFolder(t)
    const port = await freePort()
    const made = init(cwd, 'place', ...YES, '--password-stdin', '--listen', `127.0.0.1:${port}`)
    assert.equal(made.code, 0, made.stderr)
    assert.doesNotMatch(made.stdout + made.stderr, /correct horse/)
    assert.match(made.stdout, /\nNext:\n {2}latchkey serve --config \/.*\/place\/config\n {2}sudo cp .*reload nginx\n/)
    const folder = join(cwd, 'place')
    const validated = latchkey(['config', 'validate', '--config', join(folder, 'config')], { cwd: '/' })
    assert.equal(validated.code, 0, validated.stderr)
    assert.doesNotMatch(validated.stderr, /error/)

    const program = await start(t, {
      folder: temporaryFolder(t),
      args: ['serve', '--config', join(folder, 'config')],
      env: { LATCHKEY_LOG_FORMAT: 'json' },
    })
    assert.equal((await program.gate('wiki.example.com')).status, 401)
    const cookie = await program.signIn('alice', 'correct horse battery')
    const passed = await program.gate('wiki.example.com', { cookie })
    assert.equal(passed.status, 200)
    assert.equal(passed.headers['remote-user'], 'alice')
    assert.equal(passed.headers['remote-email'], 'alice@example.com')
    assert.equal((await program.gate('other.example.com', { cookie })).status, 403)
    assert.equal(await program.stop(), 0)
    assert.ok(existsSync(join(folder, 'data/latchkey.sqlite3')))
  })

  test('keeps what is secret to its owner, and each secret is another one each time', (t) => {
    const cwd = temporaryFolder(t)
    assert.equal(init(cwd, 'one', ...YES).code, 0)
    assert.equal(init(cwd, 'two', ...YES).code, 0)
    for (const path of ['config/secrets.yml', 'users.yml', 'tls/tls.key', 'tls/tls.pem', 'tls/ca.key'])
      assert.equal(modeOf(join(cwd, 'one', path)), 0o600, path)
    assert.equal(modeOf(join(cwd, 'one/config')), 0o700)
    assert.equal(modeOf(join(cwd, 'one/data')), 0o700)
    const secrets = ['one', 'two'].flatMap((name) =>
      [
        ...readFileSync(join(cwd, name, 'config/secrets.yml'), 'utf8').matchAll(
          /^ +(?:secret|\w+_key|\w+_secret): '(.*)'$/gm,
        ),
      ].map(([, secret]) => secret),
    )
    assert.equal(new Set(secrets).size, 6)
    assert.ok(secrets.every((secret) => secret?.length === 64))
  })

  test('makes a password where none is given and tells it once, also as data', (t) => {
    const cwd = temporaryFolder(t)
    const { code, stdout } = init(cwd, 'place', ...YES, '--json')
    assert.equal(code, 0)
    const { password, folder, written, next } = JSON.parse(stdout)
    assert.match(password, /^(?:\w{5}-){3}\w{5}$/)
    assert.equal(folder, join(cwd, 'place'))
    assert.ok(written.includes('config/configuration.yml'))
    assert.ok(next.length >= 2)
    for (const path of written) assert.ok(!readFileSync(join(folder, path), 'utf8').includes(password), path)
  })

  test('gives the proxy a certificate for all hosts, from an authority for this domain only', (t) => {
    const cwd = temporaryFolder(t)
    assert.equal(init(cwd, 'place', ...YES).code, 0)
    const leaf = new X509Certificate(readFileSync(join(cwd, 'place/tls/tls.crt')))
    const authority = new X509Certificate(readFileSync(join(cwd, 'place/tls/ca.crt')))
    for (const host of ['auth.example.com', 'wiki.example.com', 'any.example.com']) assert.ok(leaf.checkHost(host))
    assert.ok(leaf.verify(authority.publicKey))
    assert.match(readFileSync(join(cwd, 'place/proxy/nginx/latchkey.conf'), 'utf8'), /place\/tls\/tls\.crt/)
  })

  test('lets editors complete and check: the schema named in each file is there', (t) => {
    const cwd = temporaryFolder(t)
    assert.equal(init(cwd, 'place', ...YES).code, 0)
    for (const path of ['config/configuration.yml', 'config/rules.yml', 'config/secrets.yml', 'users.yml']) {
      const file = join(cwd, 'place', path)
      const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(file, 'utf8')) ?? []
      assert.ok(JSON.parse(readFileSync(join(file, '..', schema), 'utf8')).properties, path)
    }
  })

  test('with --second-factor the applications demand one', (t) => {
    const cwd = temporaryFolder(t)
    assert.equal(init(cwd, 'place', ...YES, '--second-factor', '--port', '8443').code, 0)
    const shown = latchkey(['config', 'show', '--config', 'place/config', '--json'], { cwd })
    const { values } = JSON.parse(shown.stdout)
    const value = (path: string) => values.find((entry: { path: string }) => entry.path === path)?.value
    assert.equal(value('access_control.rules[0].policy'), 'two_factor')
    assert.equal(value('session.cookies[0].authelia_url'), 'https://auth.example.com:8443')
  })

  test('works in a place with odd letters when no proxy is to know of it', (t) => {
    const cwd = temporaryFolder(t)
    const odd = 'it\'s a "place": #1 {{x}}'
    assert.equal(init(cwd, odd, ...YES).code, 3)
    assert.deepEqual(readdirSync(cwd), [])
    const made = init(cwd, odd, ...instead('--proxy', 'none'))
    assert.equal(made.code, 0, made.stderr)
    const shown = latchkey(['config', 'show', 'storage.local.path', '--config', join(odd, 'config'), '--json'], { cwd })
    assert.equal(JSON.parse(shown.stdout).values[0].value, join(cwd, odd, 'data/latchkey.sqlite3'))
  })
})

describe('init --yes with odd answers', () => {
  for (const [what, args, message] of [
    ['a line break in the display name', ['--display-name', 'a\r\nb'], /--display-name: .*control character/],
    ['an address pasted as domain', ['--domain', 'https://example.com/'], /--domain: .*write example\.com/],
    ['a user that is a path', ['--user', '../../etc/passwd'], /--user: /],
  ] as const) {
    test(`${what}: exit code 2, nothing is written`, (t) => {
      const cwd = temporaryFolder(t)
      const { code, stderr } = init(cwd, 'place', ...instead(...args))
      assert.equal(code, 2, stderr)
      assert.match(stderr, message)
      assert.deepEqual(readdirSync(cwd), [])
    })
  }

  test('a folder without a name, or with a comma that --config would part, is refused before anything is asked', (t) => {
    const cwd = temporaryFolder(t)
    for (const [place, said] of [
      ['', /no name/],
      ['a,b', /a,b has a comma in it/],
    ] as const) {
      const { code, stderr } = init(cwd, place, ...YES)
      assert.equal(code, 2)
      assert.match(stderr, said)
    }
    assert.deepEqual(readdirSync(cwd), [])
  })

  test('several proxies are installed: they are named', (t) => {
    const cwd = temporaryFolder(t)
    for (const name of ['caddy', 'haproxy']) writeFileSync(join(cwd, name), '#!/bin/sh\n', { mode: 0o755 })
    const without = YES.filter((word, i) => word !== '--proxy' && YES[i - 1] !== '--proxy')
    const { code, stderr } = latchkey(['init', 'place', ...without], { cwd, env: { PATH: cwd } })
    assert.equal(code, 2)
    assert.match(stderr, /Missing: --proxy\.\n {2}They have no default\. Installed here: .*caddy.*haproxy/)
  })

  test('a full disk: nothing is left of it', (t) => {
    const disk = mountedFolder(t, 'size=40k')
    if (disk === undefined) return t.skip('nothing can be mounted here')
    const { code, stderr } = init(disk, 'place', ...YES)
    assert.equal(code, 3, stderr)
    assert.match(stderr, /can't be written; nothing in it was left half-written\.\n {2}ENOSPC/)
    assert.deepEqual(readdirSync(disk), [])
  })

  test('a disk that is read-only, and a folder of another user’s', (t) => {
    const disk = mountedFolder(t, 'ro')
    if (disk === undefined) return t.skip('nothing can be mounted here')
    assert.match(init(disk, 'place', ...YES).stderr, /EROFS/)
    const cwd = temporaryFolder(t)
    mkdirSync(join(cwd, 'theirs'))
    chownSync(join(cwd, 'theirs'), 65_534, 65_534)
    const { code, stderr } = init(cwd, 'theirs', ...YES)
    assert.equal(code, 3)
    assert.match(stderr, /theirs belongs to another user \(65534\), and this is run by root/)
    assert.deepEqual(readdirSync(join(cwd, 'theirs')), [])
  })
})

describe('init leaves alone what is there', () => {
  test('without --force: exit code 3, the files are named, nothing has changed', (t) => {
    const cwd = temporaryFolder(t)
    assert.equal(init(cwd, '.', ...YES).code, 0)
    const before = readFileSync(join(cwd, 'config/configuration.yml'), 'utf8')
    const again = init(cwd, '.', ...instead('--domain', 'example.org'))
    assert.equal(again.code, 3)
    assert.match(again.stderr, /there are already: users\.yml, config\/secrets\.yml/)
    assert.equal(readFileSync(join(cwd, 'config/configuration.yml'), 'utf8'), before)
  })

  test('with --force: the secrets and the certificate stay, the rest is kept as NAME.old and not read', (t) => {
    const cwd = temporaryFolder(t)
    assert.equal(init(cwd, '.', ...YES).code, 0)
    const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')
    const [secrets, certificate, rules] = [read('config/secrets.yml'), read('tls/tls.crt'), read('config/rules.yml')]
    const again = init(cwd, '.', ...YES, '--second-factor', '--force')
    assert.equal(again.code, 0, again.stderr)
    assert.match(again.stdout, /Left as they were: .*config\/secrets\.yml/)
    assert.equal(read('config/secrets.yml'), secrets)
    assert.equal(read('tls/tls.crt'), certificate)
    assert.equal(read('config/rules.yml.old'), rules)
    assert.match(read('config/rules.yml'), /two_factor/)
    assert.match(latchkey(['config', 'validate', '--config', 'config'], { cwd }).stdout, /: valid/)
  })

  test('with --force and a file of secrets that is broken nothing is written', (t) => {
    const cwd = temporaryFolder(t)
    mkdirSync(join(cwd, 'config'))
    writeFileSync(join(cwd, 'config/secrets.yml'), 'session: {secret: [\n')
    const { code, stderr } = init(cwd, '.', ...YES, '--force')
    assert.equal(code, 1)
    assert.match(stderr, /would not be a valid configuration/)
    assert.deepEqual(readdirSync(cwd), ['config'])
  })
})

describe('init without a terminal', () => {
  test('asks nothing: exit code 2 and the flags that are missing', (t) => {
    const cwd = temporaryFolder(t)
    const all = init(cwd)
    assert.equal(all.code, 2)
    assert.match(
      all.stderr,
      /no terminal to ask at\. Missing: --domain, --portal, --app, --proxy, --user, --email, --second-factor\./,
    )
    const some = init(cwd, '--yes', '--domain', 'example.com', '--user', 'alice', '--proxy', 'none')
    assert.equal(some.code, 2)
    assert.match(some.stderr, /Missing: --app\./)
    assert.deepEqual(readdirSync(cwd), [])
  })

  for (const [what, args, message] of [
    ['a public suffix', ['--domain', 'co.uk'], /--domain: .*public suffix/],
    ['a host elsewhere', ['--portal', 'auth.example.org'], /--portal: .*doesn't lie below example\.com/],
    ['an application without address', ['--app', 'wiki'], /--app: "wiki" has no address behind it/],
    ['a proxy that nobody knows', ['--proxy', 'ngnix'], /--proxy=ngnix to be one of/],
    ['a port beyond all ports', ['--port', '99999'], /99999/],
    ['an address without port', ['--listen', 'localhost'], /--listen: .*HOST:PORT/],
  ] as const) {
    test(`refuses ${what} with exit code 2`, (t) => {
      const cwd = temporaryFolder(t)
      const { code, stderr } = init(cwd, ...instead(...args))
      assert.equal(code, 2, stderr)
      assert.match(stderr, message)
      assert.deepEqual(readdirSync(cwd), [])
    })
  }

  test('refuses a short password, and a place that can not be written', (t) => {
    const cwd = temporaryFolder(t)
    const short = latchkey(['init', ...YES, '--password-stdin'], { cwd, input: 'short\n' })
    assert.equal(short.code, 2)
    assert.match(short.stderr, /shorter than 8/)
    const nowhere = init(cwd, '/proc/nowhere', ...YES)
    assert.equal(nowhere.code, 3)
    assert.match(nowhere.stderr, /\/proc\/nowhere can't be written/)
    assert.deepEqual(readdirSync(cwd), [])
  })
})

/** A person at a terminal: waits for a question, types an answer. */
class Terminal {
  readonly ended: Promise<number | null>
  said = ''
  readonly #child: ChildProcess
  #changed = (): void => {}

  constructor(t: TestContext, cwd: string) {
    const bin = join(import.meta.dirname, '../../bin/dev.js')
    this.#child = spawn('script', ['-qefc', `'${process.execPath}' '${bin}' init`, '/dev/null'], {
      cwd,
      env: { PATH: process.env['PATH'], TERM: 'dumb', NO_COLOR: '1' },
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.said += text
        this.#changed()
      })
    this.ended = new Promise((done) =>
      this.#child.once('close', (code) => {
        done(code)
        this.#changed()
      }),
    )
    t.after(() => this.#child.kill('SIGKILL'))
  }

  async answer(question: RegExp, typed: string): Promise<void> {
    const deadline = AbortSignal.timeout(20_000)
    while (!question.test(this.said)) {
      if (this.#child.exitCode !== null || deadline.aborted) throw new Error(`never asked ${question}:\n${this.said}`)
      await new Promise<void>((done) => {
        this.#changed = done
        deadline.addEventListener('abort', () => done())
      })
    }
    this.said = ''
    this.#child.stdin?.write(typed)
  }
}

describe('init at a terminal', { skip: find('script') === undefined && 'there is no program "script"' }, () => {
  test('asks only what it can not find out, says what is wrong with an answer and asks again, shows no password', async (t) => {
    const cwd = temporaryFolder(t)
    const person = new Terminal(t, cwd)
    await person.answer(/Which domain.*\? $/, 'com\r')
    await person.answer(/at least one dot[\s\S]*Which domain/, 'https://Example.com/\r')
    await person.answer(/write example\.com\.[\s\S]*Which domain/, 'Example.com\r')
    await person.answer(/Under which host.*\[auth\.example\.com\] $/, 'auth.example.org\r')
    await person.answer(/doesn't lie below[\s\S]*Under which host/, '\r')
    await person.answer(/Which applications.*: $/, '\r')
    await person.answer(/An answer is needed[\s\S]*Which applications/, 'wiki\r')
    await person.answer(/"wiki" has no address behind it[\s\S]*Which applications/, 'wiki=http:/127.0.0.1:3000\r')
    await person.answer(/wiki: [\s\S]*Write it as http:[\s\S]*Which applications/, 'wiki=http://127.0.0.1:3000\r')
    await person.answer(/Which proxy/, 'cady\r')
    await person.answer(/Did you mean caddy\?[\s\S]*Which proxy/, 'Caddy\r')
    await person.answer(/Name of the first user/, 'alice smith\r')
    await person.answer(/letters, digits[\s\S]*Name of the first user/, 'alice\r')
    await person.answer(/E-mail address\? \[alice@example\.com\]/, 'alice\r')
    await person.answer(/no e-mail address[\s\S]*E-mail address/, '\r')
    await person.answer(/second factor.*\[no\]/, 'ys\r')
    await person.answer(/Answer yes or no[\s\S]*second factor/, 'yes\r')
    await person.answer(/Password: /, 'short\r')
    await person.answer(/Once more: /, 'short\r')
    await person.answer(/shorter than 8 characters[\s\S]*Password: /, 'correct horse battery\r')
    await person.answer(/Once more: /, 'correct horse batery\r')
    await person.answer(/differ[\s\S]*Password: /, 'correct horse battery\r')
    await person.answer(/Once more: /, 'correct horse battery\r')
    assert.equal(await person.ended, 0, person.said)
    assert.doesNotMatch(person.said, /correct horse/)
    assert.ok(existsSync(join(cwd, 'latchkey/proxy/caddy/Caddyfile')))
    assert.match(readFileSync(join(cwd, 'latchkey/config/rules.yml'), 'utf8'), /wiki\.example\.com[\s\S]*two_factor/)
  })

  test('interrupted by Ctrl-C or at the end of input it has written nothing', async (t) => {
    const cwd = temporaryFolder(t)
    const impatient = new Terminal(t, cwd)
    await impatient.answer(/Which domain/, 'example.com\r')
    await impatient.answer(/Under which host/, '\x03')
    assert.notEqual(await impatient.ended, 0)
    const silent = new Terminal(t, cwd)
    await silent.answer(/Which domain/, '\x04')
    assert.equal(await silent.ended, 2)
    assert.match(silent.said, /nothing was written/)
    assert.deepEqual(readdirSync(cwd), [])
  })
})

describe('config generate', () => {
  test('is init; with --full it prints every key and asks nothing', (t) => {
    const cwd = temporaryFolder(t)
    assert.equal(latchkey(['config', 'generate', 'place', ...YES], { cwd }).code, 0)
    assert.ok(existsSync(join(cwd, 'place/config/configuration.yml')))
    const full = latchkey(['config', 'generate', '--full'], { cwd })
    assert.equal(full.code, 0)
    assert.match(full.stdout, /^ {2}# address: 'tcp:\/\/:9091\/'$/m)
  })

  test('--full --output writes it with the schema beside, over nothing', (t) => {
    const cwd = temporaryFolder(t)
    const write = () => latchkey(['config', 'generate', '--full', '--output', 'all.yml'], { cwd })
    assert.equal(write().code, 0)
    assert.deepEqual(readdirSync(cwd).sort(), ['all.yml', 'configuration.schema.json'])
    assert.equal(write().code, 3)
  })
})
