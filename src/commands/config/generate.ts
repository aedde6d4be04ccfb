// latchkey config generate: the same as init; with --full a file with every key, its default and what it does.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { type Initialised, init, initText } from '../../cli/setup/init.ts'
import { initFlags } from '../../cli/setup/init-flags.ts'
import { newFiles } from '../../cli/setup/new-file.ts'
import { fullReference } from '../../config/full-reference.ts'
import { schemaDocument } from '../../config/schema-document.ts'

export default class ConfigGenerate extends BaseCommand {
  static override description =
    'Write a new installation into a folder, as "init" does; or, with --full, a configuration file with every key, its default and what it does, everything commented out.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --full',
    '<%= config.bin %> <%= command.id %> --full --output reference.yml',
    '<%= config.bin %> <%= command.id %> /etc/latchkey',
  ]
  static override enableJsonFlag = true
  static override args = {
    folder: Args.string({ description: 'Where to; it is made. Default: latchkey.', ignoreStdin: true }),
  }
  static override flags = {
    ...initFlags,
    full: Flags.boolean({ description: 'Every key, commented out, instead of an installation.' }),
    output: Flags.string({
      char: 'o',
      description: 'With --full: write it to a new file, and the schema for editors beside it.',
      dependsOn: ['full'],
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<Initialised | { text: string }> {
    const { args, flags } = await this.parse(ConfigGenerate)
    if (!flags.full) {
      const initialised = await init(args.folder, flags)
      this.log(initText(initialised))
      return initialised
    }
    const text = fullReference()
    if (flags.output === undefined) this.log(text.trimEnd())
    else {
      const schema = {
        path: join(dirname(flags.output), 'configuration.schema.json'),
        content: `${JSON.stringify(schemaDocument('configuration'), null, 2)}\n`,
        mode: 0o644,
      }
      newFiles([{ path: flags.output, content: text, mode: 0o644 }, ...(existsSync(schema.path) ? [] : [schema])])
      this.log(`Wrote ${flags.output}.`)
    }
    return { text }
  }
}
