// The composition root: opens the services, builds the first snapshot, listens, follows its files, and ends in order. Nothing is left half-started.

import type { Server as TlsServer } from 'node:tls'
import { ACTIONS } from '../admin/actions.ts'
import { keepSessionsOf } from '../admin/reload-params.ts'
import { socketPath } from '../admin/socket-path.ts'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { type Logger, openLog } from '../base/log.ts'
import { inTurns, type Steps } from '../base/steps.ts'
import type { Config } from '../config/config.ts'
import type { Loaded } from '../config/load.ts'
import { formatProblems } from '../config/problem-text.ts'
import { type FileDirectory, openFileDirectory } from '../directory/file-directory.ts'
import { type HashQueue, openHashQueue } from '../directory/hash-queue.ts'
import { clientOf } from '../forwarded/client-of.ts'
import { createPortal } from '../portal/app.ts'
import { createBrowsers } from '../session/browsers.ts'
import type { Problem } from '../yaml/problem.ts'
import { openAdminSocket } from './admin-socket.ts'
import { buildCandidate, type Candidate } from './candidate.ts'
import { watchCertificate } from './certificate-watch.ts'
import { collectWhenIdle } from './collect-when-idle.ts'
import { createEndedUsers } from './ended-users.ts'
import { type Fingerprint, takeFingerprint } from './fingerprint.ts'
import { followFiles } from './follow-files.ts'
import { createGate } from './gate.ts'
import { type Inputs, inputsOf } from './inputs.ts'
import { keepHouse } from './keep-house.ts'
import { changedMeanwhile, rememberPasswords } from './known-passwords.ts'
import { listen } from './listen.ts'
import { attachListener, serverOptions } from './listener.ts'
import { logPath } from './log-path.ts'
import { firstPortal, openMail } from './mail.ts'
import { closeServer, makeServer, tellTrouble } from './make-server.ts'
import { NO_POLICY_TESTS, type PolicyTests } from './policy-tests.ts'
import type { ReloadCause, ReloadOutcome } from './reload.ts'
import { runningDiff } from './running-diff.ts'
import { openDuo, openElevation, openLogin, openPasswords, openServices, sessionSecret } from './services.ts'
import { buildSnapshot, languagesOf } from './snapshot.ts'
import { stampAnswers, stampingPortal } from './stamp-answers.ts'
import { statusOf } from './status.ts'
import { tellStart } from './tell-start.ts'
import { keepSelfSigned, loadTls, ownNames, selfSignedFiles, type TlsMaterial, tellExpiry } from './tls.ts'

export interface ServerOptions {
  readonly config: Config
  /** Serve TLS with a certificate of our own when the configuration names none. */
  readonly selfSigned: boolean
  readonly clock: Clock
  /** Reads the configuration anew; undefined: it stays as it is, and only the files it names are read again. */
  readonly load?: () => Steps<Loaded>
  /** When `config` began to be read, milliseconds since the epoch: a file that was written since may be another one already. */
  readonly loadedAt?: number
  /** What was told of `config` already. */
  readonly warnings?: readonly Problem[]
  /** Whether changes of files are noticed; undefined: as the configuration says. */
  readonly watch?: boolean | undefined
  readonly policyTests?: PolicyTests
  /** For tests of reloading: a header of every answer that carries the number of the snapshot it is from. */
  readonly snapshotHeader?: string
  /** Gives back memory, at a quiet moment after a reload. */
  readonly collect?: () => void
}

export interface RunningServer {
  /** Where it listens, as text. */
  readonly address: string
  readonly tls: boolean
  /** Users who may sign in. */
  readonly users: number
  /** Reads all files anew, whatever is watched; what is not valid changes nothing. */
  reload(cause: ReloadCause): Promise<ReloadOutcome | undefined>
  /** Opens the log file anew, under the name it would get now. A failure is logged where the log was. */
  reopenLog(): void
  /** For what nobody caught: the process is about to end. */
  tellBug(error: unknown): void
  /** Takes no new requests, finishes what runs, and closes everything. */
  stop(): Promise<void>
}

/** Milliseconds that requests may take to finish when the server stops. Container engines kill after ten seconds. */
const GRACE = 8000
/** Milliseconds after that for mail that could still leave. */
const MAIL_GRACE = 1500
const HOUSEKEEPING = 60_000

/** @throws Fault with what an operator can do about it; whatever was opened until then is closed again */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, selfSigned, clock, policyTests = NO_POLICY_TESTS } = options
  const logOptions = ({ log }: Config) => ({ ...log, filePath: logPath(log.filePath, clock.now()) })
  const log = openLog(logOptions(config))
  const { logger } = log
  const undo: (() => unknown)[] = [() => log.close()]
  try {
    // Taken before the files are read: a change in between is then found.
    const inputs = inputsOf(config, { rulesTests: policyTests.files(config) })
    const versions = withoutNewer(takeFingerprint(inputs), inputs, options.loadedAt)
    // What only reads comes first: a mistake in a file makes no database.
    const configured = config.server.tls && loadTls(config.server.tls)
    const hashing = openHashQueue({ logger })
    undo.push(() => hashing.close())
    const { users } = openUsers(config, hashing, logger)
    let current = buildSnapshot(1, config, users, languagesOf(config), hashing, clock)
    demandPassed(policyTests.run({ policy: current.gate.policy, config, users }))
    if (config.notifier.startupCheck) await current.notifier.check()

    const services = await openServices(config, hashing, clock, logger)
    undo.push(() => services.close())
    const login = openLogin(services, () => current, clock, logger)
    const { audit, sessions, storage } = services
    // Disabled while no server ran, and perhaps enabled again in a minute
    if (users.disabled.size > 0) await sessions.forgetUsers((username) => current.directory.standingOf(username))
    const otherPassword = await changedMeanwhile(storage.settings, users)
    tellEnded(logger, otherPassword, sessions.endSessions(otherPassword))
    await rememberPasswords(storage.settings, users)
    const mail = await openMail({
      current: () => ({ notifier: current.notifier, portalUrl: firstPortal(current.config) }),
      store: storage.mails,
      clock,
      log: logger,
    })
    undo.push(() => mail.stop(MAIL_GRACE))
    const tellers = { audit, mailer: mail.mailer }
    const gate = createGate({ current: () => current.gate, sessions, login, clock, log: logger })
    const duo = openDuo(services, () => current, tellers.audit, clock, logger)
    undo.push(() => duo.close())
    const portal = createPortal(
      {
        login,
        duo,
        sessions,
        browsers: createBrowsers(clock),
        storage,
        ...tellers,
        elevation: openElevation(services, tellers, () => current, clock),
        ...openPasswords(
          services,
          tellers,
          login,
          () => current,
          // which of his sessions end is for whoever sets the password to say
          (username) => reloadSparing([username]),
          clock,
          logger,
        ),
        clock,
        log: logger,
        settings: () => current.portal,
      },
      (request) => {
        const { scheme, host, address } = clientOf(request, current.gate.peers)
        return { scheme, host, clientAddress: address.text }
      },
    )
    const ownTls = ({ session }: Config): Promise<TlsMaterial> =>
      keepSelfSigned(selfSignedFiles(storage.path), ownNames(session.cookies), clock)
    let tls = configured ?? (selfSigned ? await ownTls(config) : undefined)
    if (tls) tellExpiry(tls, clock, logger)
    const server = makeServer(config, tls)
    const { snapshotHeader } = options
    if (snapshotHeader) stampAnswers(server, snapshotHeader, () => current.gate)
    attachListener(server, {
      current: () => current.gate,
      gate,
      portal: snapshotHeader ? stampingPortal(portal, snapshotHeader, () => current.gate) : portal,
      log: logger,
    })
    undo.push(() => closeServer(server, GRACE))
    const address = await listen(server, config.server.address)
    tellTrouble(server, logger)

    let stopping = false
    let house = Promise.resolve()
    const tidy = (): void => {
      if (!stopping)
        house = house.then(() => keepHouse(services, () => current, clock, logger)).then(() => certificates.look())
    }
    const housekeeping = setInterval(tidy, HOUSEKEEPING)
    housekeeping.unref()
    undo.push(() => clearInterval(housekeeping))

    const startedAt = clock.now()
    let since = startedAt
    const changeTls = (next: TlsMaterial | undefined): void => {
      // A new context forgets the sessions that could be resumed, so an equal one stays.
      if (next === undefined || JSON.stringify(next) === JSON.stringify(tls)) return
      ;(server as unknown as TlsServer).setSecureContext(next)
      tellExpiry(next, clock, logger)
    }
    const certificates = watchCertificate({
      clock,
      log: logger,
      served: () => tls,
      ownTls: () => (selfSigned && current.config.server.tls === undefined ? ownTls(current.config) : undefined),
      serve(next) {
        changeTls(next)
        tls = next
      },
    })
    const endings = createEndedUsers()
    /** Users whose sessions stay although another password is given to them. */
    const spared = new Set<string>()
    const swap = (candidate: Candidate & { kind: 'ok' }): number => {
      const next = candidate.snapshot.config
      const [served, users] = [current.directory.users, candidate.snapshot.directory.users]
      const { otherPassword, disabled } = endings.between(served, users)
      const changed = otherPassword.filter((username) => !spared.has(username))
      let ended = 0
      let endedByDisabling = 0
      const isSameLog = JSON.stringify(next.log) === JSON.stringify(current.config.log)
      const newLog = isSameLog ? undefined : log.prepare(logOptions(next))
      try {
        changeTls(candidate.tls)
        sessions.changeSecret(sessionSecret(next))
        ended = sessions.endSessions(changed)
        endedByDisabling = sessions.endSessions(disabled)
      } catch (error) {
        newLog?.discard()
        if (tls) (server as unknown as TlsServer).setSecureContext(tls)
        throw error
      }
      // From here on nothing throws.
      newLog?.use()
      endings.taken(served, users)
      tellEnded(logger, changed, ended)
      if (endedByDisabling > 0)
        logger.warn({ users: disabled, sessions: endedByDisabling }, 'disabled: the sessions of these users ended')
      const { keepAliveTimeout, headersTimeout, requestTimeout } = serverOptions(next.server)
      Object.assign(server, { keepAliveTimeout, headersTimeout, requestTimeout })
      tls = candidate.tls
      current = candidate.snapshot
      mail.retry()
      since = clock.now()
      return ended + endedByDisabling
    }

    const collection = options.collect && collectWhenIdle(options.collect)
    undo.push(() => collection?.close())
    const ground = { hashing, clock, portal, policyTests, selfSigned, ownTls }
    const load = options.load ?? (() => unchanged(config))
    const files = followFiles({
      clock,
      log: logger,
      build: () => buildCandidate({ ...ground, load }, { snapshot: current, tls }),
      swap,
      serving: () => current.number,
      isWatched: () => options.watch ?? current.config.watch,
      onApplied() {
        tidy()
        collection?.soon()
      },
      inputs,
      versions,
      warnings: options.warnings ?? [],
    })
    undo.push(async () => {
      stopping = true
      // What runs on the stores ends before they are closed.
      await files.close()
      await house
    })

    const status = () =>
      statusOf(
        {
          address,
          tls,
          startedAt,
          snapshot: current,
          snapshotSince: since,
          mail: mail.status(),
          files,
        },
        services,
        clock,
      )
    const stored = Object.entries(ACTIONS).map(([name, action]) => [
      name,
      (params: unknown) => action({ storage, sessions, audit, clock }, params),
    ])
    const reloadSparing = async (usernames: readonly string[]) => {
      const names = usernames.filter((name) => !spared.has(name))
      for (const name of names) spared.add(name)
      try {
        return await files.reload('command')
      } finally {
        for (const name of names) spared.delete(name)
      }
    }
    const reload = (params: unknown) => reloadSparing(keepSessionsOf(params))
    const diff = async () => runningDiff(current.config, await inTurns(load()), selfSigned)
    const admin = await openAdminSocket({
      path: socketPath(storage.path),
      actions: {
        ...Object.fromEntries(stored),
        status,
        reload,
        'config-diff': diff,
        'mail-test': mail.test,
      },
      log: logger,
    })
    if (admin) undo.push(() => admin.close())

    tellStart(config, services, address, tls !== undefined, logger)
    return {
      address,
      tls: tls !== undefined,
      users: users.users.size,
      reload: files.reload,
      reopenLog: () => log.reopen(logPath(current.config.log.filePath, clock.now())),
      tellBug: (error) => logger.error({ err: error }, 'a bug in Latchkey ends it; please report it'),
      async stop() {
        if (undo.length > 0) logger.info({}, 'stopping')
        await closeAll(undo)
      },
    }
  } catch (error) {
    // The first failure is the one to tell; closing what was opened may fail for the same reason.
    await closeAll(undo).catch(() => {})
    throw error
  }
}

function* unchanged(config: Config): Steps<Loaded> {
  return { kind: 'ok', config, warnings: [], placeOf: () => undefined }
}

/** The last opened first; all of them, whatever fails. */
async function closeAll(undo: (() => unknown)[]): Promise<void> {
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

/** Without configuration files that were written while they were read: what they hold now may be something else. */
function withoutNewer(versions: Fingerprint, inputs: Inputs, loadedAt = Number.POSITIVE_INFINITY): Fingerprint {
  const files = inputs.files.filter(({ role }) => role === 'configuration').map(({ path }) => path)
  const newer = files.filter((path) => (versions.get(path)?.modifiedAt ?? 0) >= loadedAt)
  return new Map([...versions].filter(([path]) => !newer.includes(path)))
}

function openUsers(config: Config, hashing: HashQueue, log: Logger): FileDirectory {
  const opened = openFileDirectory({ ...config.directory.file, queue: hashing })
  if (opened.kind === 'invalid') {
    throw new Fault('users-file', `the users file is not valid\n${formatProblems(opened.problems)}`, { exitCode: 1 })
  }
  for (const { message, position, hint } of opened.warnings) log.warn({ ...position, hint }, message)
  return opened.directory
}

function demandPassed(failures: readonly Problem[]): void {
  if (!failures.some(({ severity }) => severity === 'error')) return
  throw new Fault('rules-tests', `the rules don't do what their tests say\n${formatProblems(failures)}`, {
    hint: '`latchkey rules test` runs them; mend the rules or the cases.',
    exitCode: 1,
  })
}

function tellEnded(log: Logger, users: readonly string[], sessions: number): void {
  if (sessions > 0) log.warn({ users, sessions }, 'other passwords: the sessions of these users ended')
}
