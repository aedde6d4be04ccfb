// From a configuration to what could be served by it: users, certificate, policy, pages, tried whole. Changes nothing that runs; what is wrong is
// returned as problems.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { inTurns, type Steps } from '../base/steps.ts'
import type { Config } from '../config/config.ts'
import type { Loaded } from '../config/load.ts'
import { withoutRestart } from '../config/without-restart.ts'
import { readingUsersFile } from '../directory/file-directory.ts'
import type { HashQueue } from '../directory/hash-queue.ts'
import type { Portal } from '../portal/portal.ts'
import type { Problem } from '../yaml/problem.ts'
import { type Inputs, inputsOf, sourceInputs } from './inputs.ts'
import type { PolicyTests } from './policy-tests.ts'
import { buildingSnapshot, languagesOf, type Snapshot } from './snapshot.ts'
import { loadTls, type TlsMaterial } from './tls.ts'

export interface Ground {
  /** Reads the configuration anew. */
  readonly load: () => Steps<Loaded>
  readonly hashing: HashQueue
  readonly clock: Clock
  readonly portal: Pick<Portal, 'prepare'>
  readonly policyTests: PolicyTests
  readonly selfSigned: boolean
  /** The certificate of our own for this configuration. */
  readonly ownTls: (config: Config) => Promise<TlsMaterial>
}

/** What runs now. */
export interface Running {
  readonly snapshot: Snapshot
  readonly tls: TlsMaterial | undefined
}

export type Candidate =
  | {
      readonly kind: 'ok'
      readonly snapshot: Snapshot
      readonly tls: TlsMaterial | undefined
      readonly inputs: Inputs
      readonly warnings: readonly Problem[]
      /** Keys whose new value counts after the next start only. */
      readonly restart: readonly string[]
    }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[]; readonly inputs: Inputs }

/** In turns with what is to be answered meanwhile. Never throws: a Fault is a problem, and so is a bug. */
export async function buildCandidate(ground: Ground, running: Running): Promise<Candidate> {
  let inputs: Inputs = { files: [], folders: [] }
  const invalid = (...problems: readonly Problem[]): Candidate => ({ kind: 'invalid', problems, inputs })
  try {
    const loaded = await inTurns(ground.load())
    await nextTurn()
    if (loaded.kind === 'invalid') {
      inputs = sourceInputs(loaded.sourceFiles, loaded.sourceDirectories)
      return invalid(...loaded.problems)
    }
    const { config, restart } = withoutRestart(running.snapshot.config, loaded.config, ground.selfSigned)
    inputs = inputsOf(config, { rulesTests: ground.policyTests.files(config) })
    const users = await inTurns(readingUsersFile(config.directory.file))
    if (users.kind === 'invalid') return invalid(...users.problems)
    const tls = await tlsFor(ground, running, config, restart)
    await nextTurn()
    const languages = languagesOf(config)
    await nextTurn()
    const number = running.snapshot.number + 1
    const steps = buildingSnapshot(number, config, users.users, languages, ground.hashing, ground.clock)
    const snapshot = await inTurns(steps)
    await nextTurn()
    const failures = ground.policyTests.run({ policy: snapshot.gate.policy, config, users: users.users })
    if (failures.some(({ severity }) => severity === 'error')) return invalid(...failures)
    await nextTurn()
    ground.portal.prepare(snapshot.portal)
    await nextTurn()
    // Last, since it asks another server; and only where there is something new to ask.
    if (config.notifier.startupCheck && mailDiffers(running.snapshot.config, config)) await snapshot.notifier.check()
    const warnings = [...loaded.warnings, ...users.warnings, ...failures]
    return { kind: 'ok', snapshot, tls, inputs, warnings, restart }
  } catch (error) {
    return invalid(asProblem(error))
  }
}

const mailDiffers = (running: Config, next: Config): boolean =>
  JSON.stringify([running.notifier, running.certificatesDirectory]) !==
  JSON.stringify([next.notifier, next.certificatesDirectory])

async function tlsFor(
  ground: Ground,
  running: Running,
  config: Config,
  restart: readonly string[],
): Promise<TlsMaterial | undefined> {
  // Kept as it is until the next start, whatever has become of its files.
  if (restart.some((key) => key.startsWith('server.tls'))) return running.tls
  if (config.server.tls) return loadTls(config.server.tls)
  return ground.selfSigned ? ground.ownTls(config) : undefined
}

/** @returns what went wrong as a problem without a place; of a bug the stack as well */
export function asProblem(error: unknown): Problem {
  if (error instanceof Fault) {
    const { code, message, hint } = error
    return { severity: 'error', code, message, ...(hint === undefined ? {} : { hint }) }
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { severity: 'error', code: 'bug', message: `This is a bug in Latchkey, please report it: ${detail}` }
}
