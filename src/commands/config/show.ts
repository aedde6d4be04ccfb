// latchkey config show: what is in force, and where each value came from. Secrets are masked.
import { styleText } from 'node:util'
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { ConfigCommand, configFlags } from '../../cli/config/config-command.ts'
import { effectiveText, shown } from '../../cli/config/effective-text.ts'
import { loadRequest } from '../../cli/config/load-request.ts'
import { effectiveConfig, type Source } from '../../config/effective.ts'
import { formatProblems } from '../../config/problem-text.ts'
import type { LineValue } from '../../yaml/one-line.ts'

export interface ShownValue {
  readonly path: string
  readonly value: LineValue
  readonly source: Source
}

export default class ConfigShow extends ConfigCommand {
  static override description =
    'Show the effective configuration and where each value came from: file and line, environment variable, secret file, another key, or default. Secrets are masked.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config /etc/latchkey',
    '<%= config.bin %> <%= command.id %> session.cookies',
    '<%= config.bin %> <%= command.id %> --set --json',
  ]
  static override enableJsonFlag = true
  static override args = {
    key: Args.string({ description: 'Only this key and what is below it, e.g. session.cookies.', ignoreStdin: true }),
  }
  static override flags = {
    ...configFlags,
    set: Flags.boolean({ description: 'Only what somebody has written: no defaults.' }),
  }

  async run(): Promise<{ values: readonly ShownValue[] }> {
    const { args, flags } = await this.parse(ConfigShow)
    const effective = effectiveConfig(loadRequest(flags))
    if (effective.kind === 'invalid') {
      throw new Fault(
        'configuration-invalid',
        `the configuration is not valid\n${formatProblems(effective.problems)}`,
        {
          exitCode: 1,
        },
      )
    }
    const { key } = args
    const entries = effective.entries
      .filter(
        ({ path }) => key === undefined || path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`),
      )
      .filter(({ source }) => !flags.set || (source.kind !== 'default' && source.kind !== 'inherited'))
    if (entries.length === 0 && key !== undefined) {
      throw new Fault('configuration-key', `Nothing is set at ${key}.`, {
        exitCode: 1,
        hint: 'latchkey config show without a key lists all of them.',
      })
    }
    const dim = (text: string): string => styleText('dim', text, { stream: process.stdout })
    if (!this.jsonEnabled()) this.log(effectiveText(entries, dim))
    return { values: entries.map((entry) => ({ path: entry.path, value: shown(entry), source: entry.source })) }
  }
}
