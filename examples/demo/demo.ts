// `npm run demo`: a throwaway Latchkey with a proxy and an application, in a temporary folder that Ctrl-C removes again.
// `npm run demo -- --proxy nginx|caddy|haproxy|traefik` puts the real proxy in front; `--port N` moves it from 8443.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { issueLeaf, makeAuthority } from '../../src/certs/authority.ts'
import { type ProxyName, prepareExample, proxyNames } from '../prepare-example.ts'
import { createEchoApp } from './echo-app.ts'
import { createSmallProxy } from './small-proxy.ts'

const DOMAIN = 'latchkey.localhost'
const root = join(import.meta.dirname, '..', '..')
const latchkey = [join(root, 'bin', 'run.js')]
const { values: options } = parseArgs({
  options: {
    proxy: { type: 'string' },
    port: { type: 'string', default: '8443' },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) {
  console.log(`npm run demo -- [--proxy ${proxyNames.join('|')}] [--port 8443]`)
  process.exit(0)
}
if (options.proxy !== undefined && !proxyNames.includes(options.proxy as ProxyName)) {
  console.error(`There is no demo with the proxy "${options.proxy}". Choose one of: ${proxyNames.join(', ')}.`)
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-demo-'))
const running: (() => void)[] = []
let stopping = false
function stop(code: number): void {
  if (stopping) return
  stopping = true
  for (const end of running.reverse()) end()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.exit(code)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(0))
process.on('uncaughtException', (error) => {
  console.error(error)
  stop(1)
})

const listenOn = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
const freePort = async (wanted: number): Promise<number> => {
  const probe = createServer()
  const port = await listenOn(probe, wanted).catch(() => listenOn(probe, 0))
  await new Promise((done) => probe.close(done))
  return port
}

/** Ends a child for certain: asked first, then killed. */
function child(command: string, args: readonly string[], what: string): ChildProcess {
  const logFile = join(folder, `${what}.log`)
  const started = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const log: Buffer[] = []
  for (const stream of [started.stdout, started.stderr]) stream?.on('data', (data: Buffer) => log.push(data))
  started.on('exit', (code) => {
    if (stopping) return
    console.error(`${what} ended unexpectedly (${code}):\n${Buffer.concat(log).toString().slice(-2000)}`)
    stop(1)
  })
  started.on('error', (error) => {
    console.error(`${what} can't be started: ${error.message}`)
    stop(1)
  })
  running.push(() => {
    writeFileSync(logFile, Buffer.concat(log))
    started.kill('SIGKILL')
  })
  return started
}

const WORDS =
  'amber basil cedar coral delta ember fern flint grove harbor iris jade lemon maple north olive pearl quartz river sage tulip umber violet willow'.split(
    ' ',
  )
const password = (): string => Array.from({ length: 4 }, () => WORDS[randomInt(WORDS.length)]).join('-')

interface DemoUser {
  readonly name: string
  readonly displayName: string
  readonly groups: readonly string[]
  readonly password: string
}
const users: readonly DemoUser[] = [
  { name: 'alice', displayName: 'Alice Liddell', groups: ['admins', 'family'], password: password() },
  { name: 'bob', displayName: 'Bob Sawyer', groups: ['family'], password: password() },
]

async function writeFiles(port: number, gatePort: number): Promise<{ cert: string; key: string; authority: string }> {
  const { defaultHash, makeHash } = await import('../../src/directory/password-hash.ts')
  const secret = (): string => randomBytes(32).toString('hex')
  const configuration = readFileSync(join(import.meta.dirname, 'configuration.yml'), 'utf8')
    .replaceAll(':8443', `:${port}`)
    .replace(':9091', `:${gatePort}`)
    .replace(/DEMO_\w+/g, secret)
  writeFileSync(join(folder, 'configuration.yml'), configuration, { mode: 0o600 })
  const entries = await Promise.all(
    users.map(async (user) => [
      `  ${user.name}:`,
      `    displayname: '${user.displayName}'`,
      `    email: '${user.name}@${DOMAIN}'`,
      `    groups: [${user.groups.join(', ')}]`,
      `    password: '${await makeHash(user.password, defaultHash)}'`,
    ]),
  )
  writeFileSync(join(folder, 'users.yml'), `users:\n${entries.flat().join('\n')}\n`, { mode: 0o600 })
  const lifetime = { now: Date.now(), days: 30 }
  const authority = await makeAuthority('Latchkey demo', [DOMAIN], lifetime)
  const leaf = await issueLeaf(authority, { dns: [`*.${DOMAIN}`, DOMAIN] }, lifetime)
  for (const [name, text] of [
    ['ca.crt', authority.certificate],
    ['tls.crt', leaf.certificate],
    ['tls.key', leaf.privateKey],
  ] as const) {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
  }
  return { cert: leaf.certificate, key: leaf.privateKey, authority: join(folder, 'ca.crt') }
}

async function healthy(gatePort: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const ok = await fetch(`http://127.0.0.1:${gatePort}/api/health`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ok) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error('Latchkey did not become healthy within ten seconds')
}

const port = await freePort(Number(options.port))
const gatePort = await freePort(0)
const pem = await writeFiles(port, gatePort)
child(process.execPath, [...latchkey, 'serve', '--config', join(folder, 'configuration.yml')], 'latchkey')
await healthy(gatePort)
const totp = execFileSync(
  process.execPath,
  [...latchkey, 'storage', 'user', 'totp', 'generate', 'alice', '--qr', '--config', join(folder, 'configuration.yml')],
  { cwd: folder, encoding: 'utf8' },
)

const application = createEchoApp()
const applicationPort = await listenOn(application, 0)
if (options.proxy === undefined) {
  const proxy = createSmallProxy({
    tls: pem,
    portalHost: `auth.${DOMAIN}`,
    latchkeyPort: gatePort,
    applicationPort,
    sessionCookie: '__Secure-latchkey_session',
  })
  await listenOn(proxy, port)
} else {
  const prepared = prepareExample(options.proxy as ProxyName, {
    folder: join(folder, options.proxy),
    port,
    gatePort,
    applicationPort,
    domain: DOMAIN,
    certificate: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
  })
  if (prepared.kind === 'missing') {
    console.error(`${options.proxy} is not installed: ${prepared.hint}`)
    stop(3)
  } else {
    for (const { command, args } of prepared.processes) child(command, args, options.proxy)
  }
}

const url = (host: string): string => `https://${host}.${DOMAIN}:${port}`
console.log(`
Latchkey demo is running behind ${options.proxy ?? 'a small proxy of its own'}. Open in a browser on this machine:

  ${url('app')}      needs a password
  ${url('admin')}    needs a password and a one-time code
  ${url('public')}   is open to everyone
  ${url('denied')}   is closed to everyone
  ${url('auth')}     the portal

Sign in as
${users.map((user) => `  ${user.name.padEnd(6)} ${user.password.padEnd(30)} groups: ${user.groups.join(', ')}`).join('\n')}

One-time codes for alice (scan with an authenticator app):
${totp.trimEnd()}

The browser will warn about the certificate: go on past the warning, or trust the demo's own authority, which can vouch for ${DOMAIN} only:
  ${pem.authority}
Everything lives in ${folder} and is removed when you press Ctrl-C.
`)
