// One proxy's example, run for real: Latchkey, the proxy and an application on ports of their own in a temporary folder. However the test ends,
// no process and no file of it stays.
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Child, createChildren } from '../../examples/children.ts'
import { createEchoApp } from '../../examples/demo/echo-app.ts'
import { createSmallProxy } from '../../examples/demo/small-proxy.ts'
import { copyExample, type Place, type ProxyName, prepareExample } from '../../examples/prepare-example.ts'
import { issueLeaf, makeAuthority } from '../../src/certs/authority.ts'
import { createVisitor, type Visitor } from './visitor.ts'

export const DOMAIN = 'latchkey.localhost'
export const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const latchkey = join(import.meta.dirname, '..', '..', 'bin', 'dev.js')

/** The real proxies, and the one that the demo has of its own. */
export type LabProxy = ProxyName | 'small'
export type Missing = { readonly kind: 'missing'; readonly hint: string }

export interface Lab extends Visitor {
  readonly kind: 'running'
  readonly port: number
  /** Where the example's files and what the programs write are. */
  readonly folder: string
  url(host: string, path?: string): string
  stopLatchkey(): Promise<void>
  stop(): Promise<void>
}

/** @param files stand in the place of the example's files of the same names */
export async function startLab(proxy: LabProxy, files: NonNullable<Place['files']> = []): Promise<Lab | Missing> {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-e2e-${proxy}-`))
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  const children = createChildren()
  process.on('exit', remove)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))
  if (process.getuid?.() === 0) chmodSync(folder, 0o711)

  const servers: Server[] = []
  const listen = (server: Server, port = 0): Promise<number> => {
    servers.push(server)
    return listenOn(server, port)
  }
  const stop = async (): Promise<void> => {
    await children.endAll()
    for (const server of servers) {
      server.close()
      if ('closeAllConnections' in server) (server as ReturnType<typeof createEchoApp>).closeAllConnections()
    }
    remove()
    process.off('exit', remove)
  }

  try {
    const lifetime = { now: Date.now(), days: 2 }
    const authority = await makeAuthority('Latchkey tests', [DOMAIN], lifetime)
    const leaf = await issueLeaf(authority, { dns: [DOMAIN, `*.${DOMAIN}`] }, lifetime)
    const place: Place = {
      folder: join(folder, proxy),
      port: await freePort(),
      gatePort: await freePort(),
      applicationPort: await listen(createEchoApp()),
      domain: DOMAIN,
      certificate: join(folder, 'tls.crt'),
      key: join(folder, 'tls.key'),
      files,
    }
    writeFileSync(place.certificate, leaf.certificate)
    writeFileSync(place.key, leaf.privateKey, { mode: 0o600 })

    const prepared = proxy === 'small' ? undefined : prepareExample(proxy, place)
    if (prepared?.kind === 'missing') {
      await stop()
      return prepared
    }
    if (prepared === undefined) copyExample('nginx', place)
    const server = children.start(
      'Latchkey',
      { command: process.execPath, args: [latchkey, 'serve', '--config', 'configuration.yml'] },
      place.folder,
    )
    await until(() => isHealthy(place.gatePort), children.all, 'Latchkey', place.folder)
    const generate = ['storage', 'user', 'totp', 'generate', 'alice', '--secret', TOTP_SECRET]
    await promisify(execFile)(process.execPath, [latchkey, ...generate, '--config', 'configuration.yml'], {
      cwd: place.folder,
    })
    if (prepared === undefined) {
      const options = {
        tls: { cert: leaf.certificate, key: leaf.privateKey },
        portalHost: `auth.${DOMAIN}`,
        applicationHosts: ['app', 'admin', 'public', 'denied'].map((name) => `${name}.${DOMAIN}`),
        latchkeyPort: place.gatePort,
        applicationPort: place.applicationPort,
        sessionCookie: '__Secure-latchkey_session',
      }
      await listen(createSmallProxy(options), place.port)
    } else {
      for (const command of prepared.processes) {
        for (let left = 400; command.after && !existsSync(command.after) && left > 0; left--) await wait(50)
        children.start(proxy, command, place.folder)
      }
    }
    const visitor = createVisitor(place.port, DOMAIN, authority.certificate)
    const answers = (): Promise<boolean> =>
      visitor.fetch('auth', '/api/health').then(
        ({ status }) => status === 200,
        () => false,
      )
    await until(answers, children.all, proxy, place.folder)
    return {
      ...visitor,
      kind: 'running',
      port: place.port,
      folder: place.folder,
      url: (host, path = '/') => `https://${host}.${DOMAIN}:${place.port}${path}`,
      stopLatchkey: () => server.end(),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const listenOn = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })

async function freePort(): Promise<number> {
  const probe = createServer()
  const port = await listenOn(probe, 0)
  await new Promise((done) => probe.close(done))
  return port
}

async function until(
  ready: () => Promise<boolean>,
  children: readonly Child[],
  what: string,
  folder: string,
): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    if (await ready()) return
    if (children.some(({ running }) => !running)) break
    await new Promise((done) => setTimeout(done, 50))
  }
  const printed = children.map((child) => `--- ${child.what}\n${child.output().slice(-3000)}`)
  throw new Error(`${what} did not start:\n${printed.join('\n')}\n${logOf(join(folder, 'error.log'))}`)
}

/** Apache logs into a file only. */
function logOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-3000)
  } catch {
    return ''
  }
}

function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    httpRequest({ host: '127.0.0.1', port, path: '/api/health' }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
      .on('error', () => resolve(false))
      .end()
  })
}
