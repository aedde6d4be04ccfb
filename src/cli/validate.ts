// What `latchkey config validate` does, and its flags read without oclif: whoever checks a configuration at every save doesn't wait for machinery.
import { parseArgs } from 'node:util'
import { loadConfig } from '../config/load.ts'
import { formatProblems } from '../config/problem-text.ts'
import type { Problem } from '../yaml/problem.ts'
import { type ConfigFlags, loadRequest } from './config/load-request.ts'
import { count } from './terminal/table.ts'

export interface Validation {
  readonly valid: boolean
  readonly problems: readonly Problem[]
}

/** The words of the command; the second is Authelia's old name. */
const NAMES: readonly (readonly string[])[] = [['config', 'validate'], ['validate-config']]

interface ValidateFlags extends ConfigFlags {
  readonly json?: boolean | undefined
}

/** Undefined when it is another command, or when there is anything among the words that wants explaining: that is oclif's matter. */
export function validateFlags(words: readonly string[]): ValidateFlags | undefined {
  const name = NAMES.find((command) => command.every((word, i) => words[i] === word))
  if (!name) return undefined
  try {
    return parseArgs({
      args: words.slice(name.length),
      strict: true,
      allowPositionals: false,
      options: {
        config: { type: 'string', short: 'c', multiple: true },
        'config.experimental.filters': { type: 'string', multiple: true },
        json: { type: 'boolean' },
      },
    }).values
  } catch {
    return undefined
  }
}

export function validateConfiguration(flags: ConfigFlags): Validation {
  const loaded = loadConfig(loadRequest(flags))
  return { valid: loaded.kind === 'ok', problems: loaded.kind === 'ok' ? loaded.warnings : loaded.problems }
}

/** Problems go to standard error, one line to standard output; with `json` all of it there. Sets the exit code. */
export function tellValidation({ valid, problems }: Validation, flags: ConfigFlags, json: boolean): void {
  if (!valid) process.exitCode = 1
  if (problems.length > 0) process.stderr.write(`${formatProblems(problems)}\n`)
  if (json) return
  const warnings = problems.filter((problem) => problem.severity === 'warning').length
  const errors = problems.length - warnings
  const paths = loadRequest(flags).paths.join(', ')
  const verdict = valid
    ? `valid${warnings > 0 ? `, ${count(warnings, 'warning')}` : ''}`
    : `not valid, ${count(errors, 'error')}, ${count(warnings, 'warning')}`
  process.stdout.write(`${paths}: ${verdict}\n`)
}
