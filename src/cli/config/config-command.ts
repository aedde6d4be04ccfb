// What every command that reads the configuration shares: the flags that say where it is, and loading it.
import { Flags } from '@oclif/core'
import type { Loaded } from '../../config/load.ts'
import { BaseCommand } from '../base-command.ts'
import { type ConfigFlags, loadOrFail } from './load-request.ts'

export const configFlags = {
  config: Flags.string({
    char: 'c',
    multiple: true,
    multipleNonGreedy: true,
    description:
      'Configuration file or folder; may be given several times, later ones win. Default: $X_LATCHKEY_CONFIG or $X_AUTHELIA_CONFIG, else configuration.yml.',
    helpValue: 'PATH',
  }),
  'config.experimental.filters': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    description: 'Filters run over each file before it is read: template, expand-env.',
    helpValue: 'NAME',
  }),
}

/** Authelia takes them on every command; where there is nothing to configure they are taken and not looked at. */
export const ignoredConfigFlags = {
  config: Flags.string({ char: 'c', hidden: true, multiple: true, multipleNonGreedy: true }),
  'config.experimental.filters': Flags.string({ hidden: true, multiple: true, multipleNonGreedy: true }),
}

export abstract class ConfigCommand extends BaseCommand {
  /** @throws Fault `configuration-invalid` (exit 1) with every problem in its message */
  protected load(flags: ConfigFlags): Extract<Loaded, { kind: 'ok' }> {
    return loadOrFail(flags)
  }
}
