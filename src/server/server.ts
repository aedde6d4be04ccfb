// The composition root: opens the services, builds the first snapshot, listens, follows the users file, and ends in order. Nothing is left half-started.

import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type Logger, openLog } from '../base/log.ts'
import type { Config } from '../config/config.ts'
import { formatProblems } from '../config/problem-text.ts'
import { type FileDirectory, openFileDirectory } from '../directory/file-directory.ts'
import { type HashQueue, openHashQueue } from '../directory/hash-queue.ts'
import { clientOf } from '../forwarded/client-of.ts'
import { createPortal } from '../portal/app.ts'
import { followUsers, usersFileNow } from './follow-users.ts'
import { createGate } from './gate.ts'
import { listen } from './listen.ts'
import { attachListener } from './listener.ts'
import { logPath } from './log-path.ts'
import { closeServer, makeServer, tellTrouble } from './make-server.ts'
import { openLogin, openServices, type Services } from './services.ts'
import { buildSnapshot, type Snapshot } from './snapshot.ts'
import { keepSelfSigned, loadTls, ownNames, selfSignedFiles, tellExpiry } from './tls.ts'

export interface ServerOptions {
  readonly config: Config
  /** Serve TLS with a certificate of our own when the configuration names none. */
  readonly selfSigned: boolean
  readonly clock: Clock
}

export interface RunningServer {
  /** Where it listens, as text. */
  readonly address: string
  /** Opens the log file anew, under the name it would get now. A failure is logged where the log was. */
  reopenLog(): void
  /** For what nobody caught: the process is about to end. */
  tellBug(error: unknown): void
  /** Takes no new requests, finishes what runs, and closes everything. */
  stop(): Promise<void>
}

/** Milliseconds that requests may take to finish when the server stops. Container engines kill after ten seconds. */
const GRACE = 8000
const HOUSEKEEPING = 60_000
/** Sign-in attempts are of no use to regulation after its longest window; people look back further. */
const KEEP_ATTEMPTS = 90 * 86_400_000

/** @throws Fault with what an operator can do about it; whatever was opened until then is closed again */
export async function startServer({ config, selfSigned, clock }: ServerOptions): Promise<RunningServer> {
  const log = openLog({ ...config.log, filePath: logPath(config.log.filePath, clock.now()) })
  const { logger } = log
  const undo: (() => unknown)[] = [() => log.close()]
  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const close of undo.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
  try {
    // What only reads comes first: a mistake in a file makes no database.
    const ownTls = config.server.tls && loadTls(config.server.tls)
    const hashing = openHashQueue({ logger })
    undo.push(() => hashing.close())
    const first = usersFileNow(config)
    const { users } = openUsers(config, hashing, logger)

    const services = await openServices(config, hashing, clock, logger)
    undo.push(() => services.close())
    let current = buildSnapshot(1, config, users, hashing)
    const login = openLogin(services, () => current, clock, logger)
    const { sessions, storage } = services
    const gate = createGate({ current: () => current.gate, sessions, login, clock, log: logger })
    const portal = createPortal(
      { login, sessions, storage, clock, log: logger, settings: () => current.portal },
      (request) => {
        const { scheme, host, address } = clientOf(request, current.gate.peers)
        return { scheme, host, clientAddress: address.text }
      },
    )
    const tls =
      ownTls ??
      (selfSigned
        ? await keepSelfSigned(selfSignedFiles(storage.path), ownNames(config.session.cookies), clock)
        : undefined)
    if (tls) tellExpiry(tls, clock, logger)
    const server = makeServer(config, tls)
    attachListener(server, { current: () => current.gate, gate, portal, log: logger })
    undo.push(() => closeServer(server, GRACE))
    const address = await listen(server, config.server.address)
    tellTrouble(server, logger)

    const housekeeping = setInterval(() => void keepHouse(services, () => current, clock, logger), HOUSEKEEPING)
    housekeeping.unref()
    undo.push(() => clearInterval(housekeeping))
    const watch = followUsers({
      config,
      first,
      log: logger,
      serve: (next) => {
        current = buildSnapshot(current.number + 1, config, next, hashing)
        void keepHouse(services, () => current, clock, logger)
        return current.number
      },
    })
    if (watch) undo.push(() => watch.close())

    tellStart(config, services, address, tls !== undefined, logger)
    return {
      address,
      reopenLog: () => log.reopen(logPath(config.log.filePath, clock.now())),
      tellBug: (error) => logger.error({ err: error }, 'a bug in Latchkey ends it; please report it'),
      async stop() {
        if (undo.length > 0) logger.info({}, 'stopping')
        await closeAll()
      },
    }
  } catch (error) {
    // The first failure is the one to tell; closing what was opened may fail for the same reason.
    await closeAll().catch(() => {})
    throw error
  }
}

function openUsers(config: Config, hashing: HashQueue, log: Logger): FileDirectory {
  const opened = openFileDirectory({ ...config.directory.file, queue: hashing })
  if (opened.kind === 'invalid') {
    throw new Fault('users-file', `the users file is not valid\n${formatProblems(opened.problems)}`, { exitCode: 1 })
  }
  for (const { message, position, hint } of opened.warnings) log.warn({ ...position, hint }, message)
  return opened.directory
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
