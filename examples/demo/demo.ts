// `npm run demo`: a throwaway Latchkey with a proxy and an application, in a temporary folder that Ctrl-C removes again.
// `npm run demo -- --proxy nginx|caddy|haproxy|traefik` puts the real proxy in front; `--port N` moves it from 8443.
import { execFile } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import { createChildren } from '../children.ts'
import { type ProxyName, prepareExample, proxyNames } from '../prepare-example.ts'
import { createEchoApp } from './echo-app.ts'
import { createSmallProxy } from './small-proxy.ts'
import { DOMAIN, HOSTS, makeFolder, writeDemoFiles } from './throwaway.ts'
import { secretIn, welcome } from './welcome.ts'

const USAGE = `npm run demo -- [--proxy ${proxyNames.join('|')}] [--port 8443]`
const STARTING = 20_000
const root = join(import.meta.dirname, '..', '..')
const built = existsSync(join(root, 'dist', 'cli', 'main.js'))
const latchkey = join(root, 'bin', built ? 'run.js' : 'dev.js')

const { proxy: proxyName, port: wantedPort } = readOptions()
const children = createChildren()
// Node keeps compiled code in the temporary folder of the machine, where it would stay.
process.env['NODE_DISABLE_COMPILE_CACHE'] = '1'
const folder = makeFolder()
let stopping = false
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0))
process.on('uncaughtException', (error) => void stop(1, error.stack ?? String(error)))
// Nobody reads any more (a closed terminal, `| head`): that is an end like another.
process.stdout.on('error', () => void stop(0))
await run()

interface Options {
  readonly proxy: ProxyName | undefined
  readonly port: number
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        proxy: { type: 'string' },
        port: { type: 'string', default: '8443' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(USAGE)
      process.exit(0)
    }
    const proxy = proxyNames.find((name) => name === values.proxy)
    const port = Number(values.port)
    if (values.proxy !== undefined && proxy === undefined) throw new Error(`There is no demo with "${values.proxy}".`)
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`"${values.port}" is not a port.`)
    return { proxy, port }
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    process.exit(2)
  }
}

/** A second signal means: at once. */
async function stop(code: number, message?: string): Promise<void> {
  if (message !== undefined) console.error(`\n${message}`)
  if (stopping) process.exit(130)
  stopping = true
  await children.endAll()
  process.exit(code)
}

async function run(): Promise<void> {
  const port = await freePort(wantedPort)
  if (port !== wantedPort) console.log(`Port ${wantedPort} is in use; this is ${port} instead.`)
  const gatePort = await freePort(0)
  const application = createEchoApp()
  const applicationPort = await listenOn(application, 0)
  const files = await writeDemoFiles(folder, port, gatePort)
  const prepared =
    proxyName &&
    prepareExample(proxyName, {
      folder: join(folder, proxyName),
      port,
      gatePort,
      applicationPort,
      domain: DOMAIN,
      certificate: files.certificate,
      key: files.key,
    })
  if (prepared?.kind === 'missing') return stop(3, `${proxyName} is not installed: ${prepared.hint}.`)

  start('Latchkey', { command: process.execPath, args: [latchkey, 'serve', '--config', files.configuration] })
  await until(() => healthOf(gatePort))
  const device = await makeDevice(files.configuration)
  if (prepared === undefined) {
    const proxy = createSmallProxy({
      tls: files.tls,
      portalHost: `auth.${DOMAIN}`,
      applicationHosts: HOSTS.map((host) => `${host}.${DOMAIN}`),
      latchkeyPort: gatePort,
      applicationPort,
      sessionCookie: '__Secure-latchkey_session',
    })
    await listenOn(proxy, port)
  } else {
    for (const command of prepared.processes) start(proxyName ?? 'proxy', command)
  }
  await until(() => portalAnswers(port))
  const canAskForCodes = process.stdin.isTTY === true
  const { users, authority } = files
  console.log(welcome({ proxy: proxyName, port, users, device, authority, folder, canAskForCodes }))
  if (canAskForCodes) offerCodes(device)
}

function start(what: string, command: Parameters<typeof children.start>[1]): void {
  const child = children.start(what, command, folder, (reason) => {
    if (!stopping) void stop(1, `${what} ${reason}, so the demo ends.\n${child.output().slice(-2000)}`)
  })
}

async function makeDevice(configuration: string): Promise<string> {
  const args = [latchkey, 'storage', 'user', 'totp', 'generate', 'alice', '--qr', '--config', configuration]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder })
  return stdout
}

/** Enter prints the code of now. The terminal stays as it is, so Ctrl-C stays Ctrl-C. */
function offerCodes(device: string): void {
  const secret = decodeTotpSecret(secretIn(device) ?? '')
  if (!secret) return
  process.stdin.on('data', () => {
    const now = Date.now()
    const code = codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(now, 30))
    console.log(`alice's code: ${code} (for ${30 - (Math.floor(now / 1000) % 30)} s, and once only)`)
  })
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
}

/** The one that is wanted, or the next of the following that is free. */
async function freePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + 50 && port <= 65_535; port++) {
    const probe = createServer()
    try {
      const found = await listenOn(probe, port)
      await new Promise((done) => probe.close(done))
      return found
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EACCES') {
        await stop(2, `This user may not listen on port ${port}. Choose one above 1023 with --port.`)
      }
    }
  }
  return freePort(0)
}

async function until(ready: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + STARTING; Date.now() < deadline; ) {
    if (stopping) return new Promise(() => {})
    if (await ready()) return
    await new Promise((done) => setTimeout(done, 50))
  }
  const outputs = children.all.map((child) => `--- ${child.what}\n${child.output().slice(-2000)}`)
  return stop(1, `Not everything started within ${STARTING / 1000} s.\n${outputs.join('\n')}`)
}

function healthOf(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/api/health`).then(
    (answer) => answer.ok,
    () => false,
  )
}

/** Through the proxy; Node doesn't look up names under localhost, so address and name are given apart. */
function portalAnswers(port: number): Promise<boolean> {
  const name = `auth.${DOMAIN}`
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, servername: name, rejectUnauthorized: false, agent: false as const }
    const sent = request({ ...options, path: '/api/health', headers: { Host: `${name}:${port}` } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    sent.on('error', () => resolve(false)).end()
  })
}
