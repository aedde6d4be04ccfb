// What `latchkey serve` does, and its flags read without oclif: a server shouldn't carry 20 MB of command-line machinery around for as long as it runs.
import { parseArgs } from 'node:util'
import { systemClock } from '../base/clock.ts'
import { collectGarbage } from '../base/collect-garbage.ts'
import { Fault } from '../base/fault.ts'
import { growNurseryWhenBusy } from '../base/nursery.ts'
import { loadingConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem-text.ts'
import { type RunningServer, type ServerOptions, startServer } from '../server/server.ts'
import { type ConfigFlags, loadOrFail, loadRequest } from './config/load-request.ts'
import { policyCases } from './rules/policy-cases.ts'
import { isToldInBanner, startBanner } from './server/start-banner.ts'

export interface ServeFlags extends ConfigFlags {
  readonly 'self-signed'?: boolean | undefined
  readonly check?: boolean | undefined
  readonly watch?: boolean | undefined
}

/** Exit code of a process that a signal ended, by the shell's convention. */
const ENDED_BY = { SIGTERM: 143, SIGINT: 130 } as const
/** Milliseconds after the start; the first questions have been answered by then. */
const SETTLED = 1500
/** As printFailure's for a bug. */
const BUG = 70

/** Undefined when there is anything among the words that wants explaining (help, a slip of the hand): that is the command's matter. */
export function serveFlags(words: readonly string[]): ServeFlags | undefined {
  try {
    return parseArgs({
      args: [...words],
      strict: true,
      allowPositionals: false,
      allowNegative: true,
      options: {
        config: { type: 'string', short: 'c', multiple: true },
        'config.experimental.filters': { type: 'string', multiple: true },
        'self-signed': { type: 'boolean' },
        check: { type: 'boolean' },
        watch: { type: 'boolean' },
      },
    }).values
  } catch {
    return undefined
  }
}

/**
 * Runs the server until a signal ends it.
 * @param more what no flag can say; for tests
 * @throws the Faults of loading and starting
 */
export async function serve(flags: ServeFlags, more: Pick<ServerOptions, 'snapshotHeader'> = {}): Promise<void> {
  // First, since process 1 of a container doesn't end by a signal that nobody listens to.
  let server: RunningServer | undefined
  process.on('SIGHUP', () => {
    server?.reopenLog()
    void server?.reload('signal')
  })
  const told = toldToStop()
  const loadedAt = systemClock.now()
  const { config, warnings } = loadOrFail(flags)
  // Whoever collects JSON from a pipe is spared what is for people.
  const isForPeople = config.log.format === 'text' || process.stderr.isTTY === true
  const said = isForPeople ? warnings.filter((warning) => !isToldInBanner(warning)) : warnings
  if (said.length > 0) process.stderr.write(`${formatProblems(said)}\n`)
  const request = loadRequest(flags)
  const starting = startServer({
    config,
    loadedAt,
    warnings,
    load: () => loadingConfig(request),
    selfSigned: flags['self-signed'] === true,
    watch: flags.watch,
    clock: systemClock,
    policyTests: policyCases(request),
    collect: collectGarbage,
    ...more,
  })
  server = await (flags.check ? starting.catch(sayHowElse) : starting)
  const { tellBug } = server
  // In a state that nobody foresaw nothing more is answered: a gate that is gone lets nobody through.
  process.on('uncaughtException', (error) => {
    tellBug(error)
    process.exit(BUG)
  })
  if (isForPeople) process.stderr.write(startBanner(config, server, { warnings, watch: flags.watch }))
  if (flags.check) {
    await server.stop()
    process.stdout.write('Everything starts.\n')
    return
  }
  setTimeout(collectGarbage, SETTLED).unref()
  growNurseryWhenBusy()
  await told
  await server.stop()
}

/** Whoever tries a change out has a server that runs. */
function sayHowElse(error: unknown): never {
  if (!(error instanceof Fault) || error.code !== 'database-locked') throw error
  throw new Fault('database-locked', error.message, {
    hint: 'Beside a server that runs, `latchkey config validate` checks the files, and `latchkey config diff` says what a reload would change.',
    cause: error,
  })
}

/** Resolves at the first signal; the second one means: now. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let told = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (told) process.exit(ENDED_BY[signal])
        told = true
        resolve()
      })
    }
  })
}
