// From flags and environment to the configuration: where it is, and loading it or failing with all that is wrong with it. Knows no oclif.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { type Loaded, type LoadRequest, loadConfig } from '../../config/load.ts'
import { formatProblems } from '../../config/problem-text.ts'

export interface ConfigFlags {
  readonly config?: string[] | undefined
  readonly 'config.experimental.filters'?: string[] | undefined
}

/** What the flags and the environment say about where the configuration is. */
export function loadRequest(flags: ConfigFlags): LoadRequest {
  const { env } = process
  const split = (values: readonly string[]): string[] => values.flatMap((value) => value.split(','))
  const fromEnv = env['X_LATCHKEY_CONFIG'] ?? env['X_AUTHELIA_CONFIG']
  const filters = flags['config.experimental.filters'] ?? [
    env['X_LATCHKEY_CONFIG_FILTERS'] ?? env['X_AUTHELIA_CONFIG_FILTERS'] ?? '',
  ]
  const named = flags.config ? split(flags.config) : fromEnv ? split([fromEnv]) : undefined
  return {
    paths: named ?? ['configuration.yml'],
    explicit: named !== undefined,
    env,
    filters: split(filters).filter((name) => name !== ''),
    cwd: process.cwd(),
  }
}

/** @throws Fault `configuration-invalid` (exit 1) with every problem in its message */
export function loadOrFail(flags: ConfigFlags): Extract<Loaded, { kind: 'ok' }> {
  const request = loadRequest(flags)
  const loaded = loadConfig(request)
  if (loaded.kind === 'ok') return loaded
  // Not a list of everything that an empty configuration lacks: nobody has said where the real one is.
  if (isNowhere(request)) throw nowhere(request)
  throw new Fault('configuration-invalid', `the configuration is not valid\n${formatProblems(loaded.problems)}`, {
    exitCode: 1,
  })
}

const isNowhere = ({ explicit, paths, cwd, env }: LoadRequest): boolean =>
  !explicit &&
  !paths.some((path) => existsSync(resolve(cwd, path))) &&
  !Object.keys(env).some((name) => /^(?:LATCHKEY|AUTHELIA)_/.test(name))

/** Where `init` writes when it isn't told. */
const USUAL = join('latchkey', 'config')

function nowhere({ paths, cwd }: LoadRequest): Fault {
  const hint = existsSync(join(cwd, USUAL))
    ? `There is one in ${USUAL}: add --config ${USUAL}, or set X_LATCHKEY_CONFIG.`
    : 'Name it with --config (a file or a folder) or X_LATCHKEY_CONFIG. `latchkey init` makes a new one.'
  return new Fault('configuration-missing', `There is no ${paths.join(', ')} here.`, { hint, exitCode: 3 })
}
