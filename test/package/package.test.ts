// The tarball as a stranger gets it: packed, installed globally with Node 24 and nothing else on PATH (no compiler), optional packages left out, run.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'latchkey-package-'))
const checkout = join(folder, 'checkout')
const installed = join(folder, 'prefix', 'lib', 'node_modules', 'latchkey')
let files: string[] = []
after(() => rmSync(folder, { recursive: true, force: true }))

/** npm's own program, which runs on the Node of this process. */
function npmProgram(): string {
  const given = process.env['npm_execpath']
  if (given && existsSync(given)) return given
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((place) => join(place, 'npm'))
    .find((path) => existsSync(path))
  assert.ok(found, 'npm is not on PATH')
  return realpathSync(found)
}

/** What an npm that runs this test hands down would steer the one under test. */
const withoutNpm = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.toLowerCase().startsWith('npm_')))

function npm(args: readonly string[], cwd: string, path: string): string {
  return execFileSync(process.execPath, [npmProgram(), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...withoutNpm(process.env), PATH: path, HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
  })
}

before(() => {
  mkdirSync(checkout)
  for (const entry of readdirSync(root)) {
    if (!['node_modules', 'dist', '.git', 'test', 'oclif.manifest.json'].includes(entry))
      cpSync(join(root, entry), join(checkout, entry), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'))
  // `prepare` builds, as it does for whoever publishes.
  const tools = [join(root, 'node_modules', '.bin'), '/usr/bin', '/bin'].join(delimiter)
  const packed = JSON.parse(npm(['pack', '--json', '--silent', '--pack-destination', folder], checkout, tools))
  const [{ filename, files: listed }] = Array.isArray(packed) ? packed : Object.values(packed)
  files = listed.map((file: { path: string }) => file.path)
  const bare = join(folder, 'path')
  mkdirSync(bare)
  symlinkSync(process.execPath, join(bare, 'node'))
  symlinkSync('/bin/sh', join(bare, 'sh'))
  npm(
    ['install', '--global', '--prefix', join(folder, 'prefix'), '--omit=optional', join(folder, filename)],
    folder,
    bare,
  )
})

describe('the packed tarball', () => {
  test('holds what is needed to run, and neither sources nor tests', () => {
    for (const needed of [
      'bin/run.js',
      'dist/cli/main.js',
      'dist/commands/serve.js',
      'oclif.manifest.json',
      'schemas/configuration.schema.json',
      'templates/portal/sign-in.html',
      'templates/portal/static/webauthn.js',
      'templates/portal/static/choose-password.js',
      'templates/email/notice.txt',
      'templates/locales/en.json',
      'examples/nginx/latchkey.conf',
      'examples/systemd/latchkey.service',
      'README.md',
      'LICENSE',
    ]) {
      assert.ok(files.includes(needed), needed)
    }
    assert.ok(files.some((file) => /^dist\/portal\/static\/password-estimate\.[0-9a-f]+\.js\.br$/.test(file)))
    assert.deepEqual(
      files.filter((file) => /^(src|test|scripts|docs)\//.test(file) || /\.(tsbuildinfo|map|ts)$/.test(file)),
      [],
    )
    const tops = new Set(files.map((file) => file.split('/')[0]))
    assert.deepEqual(
      [...tops].sort(),
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'bin', 'dist', 'examples', 'oclif.manifest.json']
        .concat(['package.json', 'schemas', 'templates'])
        .sort(),
    )
  })

  test('names no host a package was downloaded from', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
    assert.doesNotMatch(lock, /"resolved": "http/)
  })

  test('is installed without the optional native sqlite3', () => {
    assert.ok(!existsSync(join(installed, 'node_modules', 'sqlite3')))
  })

  test('runs: help, validation, hashing, and a server that answers and stops', async () => {
    const env = { PATH: join(folder, 'path'), HOME: folder }
    const latchkey = join(folder, 'prefix', 'bin', 'latchkey')
    const run = (...args: string[]): string =>
      execFileSync(process.execPath, [latchkey, ...args], {
        encoding: 'utf8',
        env,
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    assert.match(run('--help'), /serve/)
    assert.match(run('crypto', 'hash', 'generate', '--random'), /\$argon2id\$/)

    const place = join(folder, 'place')
    mkdirSync(place)
    const port = await freePort()
    for (const file of ['configuration.yml', 'users.yml'])
      cpSync(join(installed, 'examples', 'nginx', file), join(place, file))
    const config = ['--config', join(place, 'configuration.yml')]
    assert.match(
      execFileSync(process.execPath, [latchkey, 'config', 'validate', ...config], {
        encoding: 'utf8',
        env,
        cwd: place,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
      /valid/,
    )
    const child = spawn(process.execPath, [latchkey, ...config], {
      env: { ...env, LATCHKEY_SERVER_ADDRESS: `tcp://127.0.0.1:${port}/` },
      cwd: place,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output: string[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => output.push(String(data)))
    const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)))
    try {
      let healthy = false
      for (let i = 0; i < 200 && !healthy && child.exitCode === null; i++) {
        healthy = await fetch(`http://127.0.0.1:${port}/api/health`).then(
          (answer) => answer.ok,
          () => false,
        )
        if (!healthy) await new Promise((done) => setTimeout(done, 50))
      }
      assert.ok(healthy, output.join(''))
      // The process that was started, begun anew with what keeps its memory small.
      if (process.platform === 'linux')
        assert.match(readFileSync(`/proc/${child.pid}/environ`, 'utf8'), /(?:^|\0)MALLOC_ARENA_MAX=1(?:\0|$)/)
    } finally {
      child.kill('SIGTERM')
    }
    assert.equal(await ended, 0, output.join(''))
  })
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((done) => probe.close(done))
  return port
}
