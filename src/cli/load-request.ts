// From flags and environment to the configuration: where it is, and loading it or failing with all that is wrong with it. Knows no oclif.
import { Fault } from '../base/fault.ts'
import { type Loaded, type LoadRequest, loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem-text.ts'

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
  const loaded = loadConfig(loadRequest(flags))
  if (loaded.kind === 'ok') return loaded
  throw new Fault('configuration-invalid', `the configuration is not valid\n${formatProblems(loaded.problems)}`, {
    exitCode: 1,
  })
}
