// The demo as a stranger starts it: from another folder, with nothing but what it prints to go by. Whatever ends it, nothing is left.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import { cookiesOf, createVisitor, echoOf } from './visitor.ts'

const demo = join(import.meta.dirname, '..', '..', 'examples', 'demo', 'demo.ts')
const DOMAIN = 'latchkey.localhost'

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
  readonly ended: Promise<number | null>
}

describe('the demo', { concurrency: false }, () => {
  let folder = ''
  let running: Started[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-demo-test-'))
    running = []
  })
  afterEach(async () => {
    for (const { child, ended } of running) {
      child.kill('SIGTERM')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  })

  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Started => {
    const child = spawn(process.execPath, [demo, ...args], {
      cwd: folder,
      env: { ...process.env, TMPDIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
    const started = { child, output: () => output, ended }
    running.push(started)
    return started
  }
  const welcomed = ({ child, output, ended }: Started): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output().includes('when you press Ctrl-C')) resolve()
      }
      child.stdout?.on('data', look)
      look()
      void ended.then(() => reject(new Error(`the demo ended:\n${output()}`)))
    })
  /** Programs that were started with a path in this test's folder. */
  const processes = (): { pid: number; command: string }[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({ pid: Number(name), command: commandOf(name) }))
      .filter(({ command }) => command.includes(folder))
  const assertNothingLeft = async (port: number): Promise<void> => {
    assert.deepEqual(readdirSync(folder), [])
    assert.equal(await answers(port), false)
    if (existsSync('/proc/self/cmdline')) assert.deepEqual(processes(), [])
  }

  it('signs a stranger in with what it printed, and SIGINT leaves nothing', { timeout: 60_000 }, async () => {
    const taken = createServer()
    const occupied = await listenOn(taken)
    const started = start(['--port', String(occupied)])
    await welcomed(started).finally(() => taken.close())
    const text = started.output()
    const port = Number(/https:\/\/app\.latchkey\.localhost:(\d+)/.exec(text)?.[1])
    assert.notEqual(port, occupied)
    assert.ok(text.includes(`Port ${occupied} is in use; this is ${port} instead.`))
    const password = /^ {2}alice +(\S+) +groups: admins, family$/m.exec(text)?.[1] ?? ''
    const authority = /^ {2}(\/.*-ca\.crt)$/m.exec(text)?.[1] ?? ''
    const secret = decodeTotpSecret(/secret +([A-Z2-7]+)/.exec(text)?.[1] ?? '')
    assert.ok(password && authority && secret, text)
    assert.match(text, /[█▀▄]{7}/)

    const visitor = createVisitor(port, DOMAIN, readFileSync(authority, 'utf8'))
    const html = { Accept: 'text/html' }
    const away = await visitor.fetch('app', '/page', { headers: html })
    assert.equal(away.status, 302)
    assert.ok(String(away.headers['location']).startsWith(`https://auth.${DOMAIN}:${port}/?rd=`))
    assert.equal((await visitor.fetch('public', '/', { headers: html })).status, 200)
    const { atPortal, elsewhere } = await visitor.signIn('alice', password)
    const home = await visitor.fetch('app', '/page', { headers: { ...html, Cookie: elsewhere } })
    assert.equal(home.status, 200)
    assert.match(home.body, /Hello, <span id="name">Alice Liddell<\/span>/)
    assert.equal((await visitor.fetch('denied', '/', { headers: { ...html, Cookie: elsewhere } })).status, 403)
    assert.equal((await visitor.fetch('admin', '/', { headers: { ...html, Cookie: elsewhere } })).status, 302)
    const parameters = { secret, algorithm: 'SHA1', digits: 6, period: 30 } as const
    const raised = await visitor.api(
      '/api/secondfactor/totp',
      { token: codeOfStep(parameters, timeStep(Date.now(), 30)) },
      atPortal,
    )
    const headers = { Accept: 'application/json', Cookie: cookiesOf(raised).elsewhere }
    assert.equal(echoOf(await visitor.fetch('admin', '/', { headers })).headers['remote-user'], 'alice')

    started.child.kill('SIGINT')
    assert.equal(await started.ended, 0)
    await assertNothingLeft(port)
  })

  it('ends with a message when its Latchkey is killed', { timeout: 60_000 }, async (t) => {
    if (!existsSync('/proc/self/cmdline')) return t.skip('needs /proc to find the process')
    const started = start(['--port', '18443'])
    await welcomed(started)
    const port = Number(/https:\/\/app\.latchkey\.localhost:(\d+)/.exec(started.output())?.[1])
    const latchkey = processes().find(({ command }) => command.includes('serve'))
    assert.ok(latchkey)
    process.kill(latchkey.pid, 'SIGKILL')
    assert.equal(await started.ended, 1)
    assert.match(started.output(), /Latchkey ended unexpectedly \(SIGKILL\), so the demo ends/)
    await assertNothingLeft(port)
  })

  it('says what is missing when the proxy is not installed, or unknown', { timeout: 30_000 }, async () => {
    const missing = start(['--proxy', 'nginx', '--port', '18443'], { NGINX_BIN: join(folder, 'nowhere') })
    assert.equal(await missing.ended, 3)
    assert.match(missing.output(), /nginx is not installed: NGINX_BIN names/)
    const unknown = start(['--proxy', 'squid'])
    assert.equal(await unknown.ended, 2)
    assert.match(unknown.output(), /no demo with "squid"/)
    assert.deepEqual(readdirSync(folder), [])
  })
})

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}

const listenOn = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)))

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
