// The composition root: opens the services, builds the first snapshot, listens, follows the users file, and ends in order. Nothing is left half-started.

import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type Logger, openLog } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import { formatProblems } from '../config/problem-text.ts'
import { openFileDirectory, readUsersFile } from '../directory/file-directory.ts'
import { clientOf } from '../forwarded/client-of.ts'
import { createPortal } from '../portal/app.ts'
import { createGate } from './gate.ts'
import { listen } from './listen.ts'
import { attachListener, serverOptions } from './listener.ts'
import { openLogin, openServices, type Services } from './services.ts'
import { buildSnapshot, type Snapshot } from './snapshot.ts'
import { stateFiles } from './state-files.ts'
import { keepSelfSigned, loadTls, type TlsMaterial } from './tls.ts'
import { type FileWatch, watchFile } from './watch-file.ts'

export interface ServerOptions {
  readonly config: Config
  /** Serve TLS with a certificate of our own when the configuration names none. */
  readonly selfSigned: boolean
  readonly clock: Clock
}

export interface RunningServer {
  /** Where it listens, as text. */
  readonly address: string
  reopenLog(): void
  /** Takes no new requests, finishes what runs, and closes everything. */
  stop(): Promise<void>
}

/** How long requests that run may take to finish when the server stops (milliseconds). */
const GRACE = 10_000
const HOUSEKEEPING = 60_000
/** Sign-in attempts are of no use to regulation after its longest window; people look back further. */
const KEEP_ATTEMPTS = 90 * 86_400_000

/** @throws Fault with what an operator can do about it; whatever was opened until then is closed again */
export async function startServer({ config, selfSigned, clock }: ServerOptions): Promise<RunningServer> {
  const log = openLog({ ...config.log, filePath: config.log.filePath })
  const undo: (() => unknown)[] = [() => log.flush()]
  try {
    const tls = config.server.tls && loadTls(config.server.tls)
    const services = await openServices(config, clock, log.logger)
    undo.push(() => services.close())
    let current = firstSnapshot(config, services, log.logger)
    const login = openLogin(services, () => current, clock, log.logger)
    const gate = createGate({ current: () => current.gate, sessions: services.sessions, login, clock, log: log.logger })
    const portal = createPortal(
      {
        login,
        sessions: services.sessions,
        storage: services.storage,
        clock,
        log: log.logger,
        settings: () => current.portal,
      },
      (request) => {
        const { scheme, host, address } = clientOf(request, current.gate.peers)
        return { scheme, host, clientAddress: address.text }
      },
    )
    const material = tls ?? (selfSigned ? await ownCertificate(config, services, clock) : undefined)
    const server = makeServer(config, material)
    attachListener(server, { current: () => current.gate, gate, portal, log: log.logger })
    const address = await listen(server, config.server.address)
    undo.push(() => closeServer(server))

    const housekeeping = setInterval(() => void keepHouse(services, () => current, clock, log.logger), HOUSEKEEPING)
    housekeeping.unref()
    undo.push(() => clearInterval(housekeeping))
    const watch = followUsers(
      config,
      services,
      () => current,
      (next) => {
        current = next
      },
      log.logger,
    )
    if (watch) undo.push(() => watch.close())

    tellStart(config, services, address, material !== undefined, log.logger)
    return {
      address,
      reopenLog: () => log.reopen(),
      async stop() {
        log.logger.info({}, 'stopping')
        for (const close of undo.splice(0).reverse()) await close()
      },
    }
  } catch (error) {
    for (const close of undo.reverse()) await close()
    throw error
  }
}

function firstSnapshot(config: Config, services: Services, log: Logger): Snapshot {
  const opened = openFileDirectory({ ...config.directory.file, queue: services.hashing })
  if (opened.kind === 'invalid') {
    throw new Fault('users-file', `the users file is not valid\n${formatProblems(opened.problems)}`)
  }
  for (const { message, position, hint } of opened.warnings) log.warn({ ...position, hint }, message)
  return buildSnapshot(1, config, opened.directory.users, services.hashing)
}

function makeServer(config: Config, tls: TlsMaterial | undefined): Server {
  const options = serverOptions(config.server)
  return tls ? createHttpsServer({ ...options, ...tls }) : createHttpServer(options)
}

/** For every portal, everything below each cookie domain, and this machine. */
function ownCertificate(config: Config, { storage }: Services, clock: Clock): Promise<TlsMaterial> {
  const portals = config.session.cookies.flatMap(({ portalUrl }) => (portalUrl ? [new URL(portalUrl).hostname] : []))
  const domains = config.session.cookies.flatMap(({ domain }) => [domain, `*.${domain}`])
  const dns = [...new Set([...portals, ...domains, 'localhost'])].filter((name) => !/^[\d.]+$|:/.test(name))
  return keepSelfSigned(stateFiles(storage.path).selfSigned, { dns, ip: ['127.0.0.1', '::1'] }, clock)
}

/** A change of the users file is a new snapshot; one that is not valid leaves the last good one serving and says why. */
function followUsers(
  config: Config,
  services: Services,
  current: () => Snapshot,
  swap: (next: Snapshot) => void,
  log: Logger,
): FileWatch | undefined {
  if (!config.watch) return undefined
  const { path } = config.directory.file
  return watchFile(path, readFileSync(path), () => {
    const read = readUsersFile(config.directory.file)
    if (read.kind === 'invalid') {
      for (const { message, position, hint } of read.problems) log.error({ ...position, hint }, message)
      log.error({ file: path }, 'the users file is not valid; the users of before stay')
      return
    }
    swap(buildSnapshot(current().number + 1, config, read.users, services.hashing))
    log.info({ file: path, users: read.users.users.size, snapshot: current().number }, 'users read anew')
    void services.sessions.forgetUsers((username) => current().directory.find(username) !== undefined)
  })
}

async function keepHouse(services: Services, current: () => Snapshot, clock: Clock, log: Logger): Promise<void> {
  try {
    await services.sessions.forgetUsers((username) => current().directory.find(username) !== undefined)
    await services.storage.attempts.prune(clock.now() - KEEP_ATTEMPTS)
  } catch (error) {
    log.error({ err: error }, 'housekeeping failed; it is tried again in a minute')
  }
}

function tellStart(config: Config, { storage }: Services, address: string, tls: boolean, log: Logger): void {
  const portals = config.session.cookies.map(({ portalUrl }) => portalUrl).filter((url) => url !== undefined)
  log.info({ address, tls, portals, rules: config.accessControl.rules.length }, 'Latchkey listens')
  if (config.server.trustedProxies === undefined) {
    log.warn(
      { key: 'server.trusted_proxies' },
      'not set: every loopback and private address may ask the gate and say who the client is',
    )
  }
  if (storage.autheliaPath !== undefined) {
    log.warn(
      { file: storage.autheliaPath, used: storage.path },
      "storage.local.path is a database of Authelia's: it is left as it is. `latchkey import authelia` brings its one-time codes over",
    )
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), GRACE)
  await closed
  clearTimeout(timer)
}
