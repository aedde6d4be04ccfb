// latchkey config schema: prints the JSON Schema by which editors complete and check configuration and users file.
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.ts'
import { newFiles } from '../../cli/setup/new-file.ts'
import { SCHEMA_NAMES, type Schema, type SchemaName, schemaDocument } from '../../config/schema-document.ts'

export default class ConfigSchema extends BaseCommand {
  static override description =
    'Print the JSON Schema of the configuration (also of a part of it, such as rules.yml) or of the users file. An editor with a YAML language server completes and checks by it when the first line of the YAML file is: # yaml-language-server: $schema=PATH'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> users --output users.schema.json',
  ]
  static override enableJsonFlag = true
  static override args = {
    name: Args.string({
      options: [...SCHEMA_NAMES],
      default: 'configuration',
      ignoreStdin: true,
      description: 'Of what.',
    }),
  }
  static override flags = {
    output: Flags.string({ char: 'o', description: 'Write it to a new file instead.', helpValue: 'FILE' }),
  }

  async run(): Promise<Schema> {
    const { args, flags } = await this.parse(ConfigSchema)
    const schema = schemaDocument(args.name as SchemaName)
    const text = JSON.stringify(schema, null, 2)
    if (flags.output === undefined) this.log(text)
    else {
      newFiles([{ path: flags.output, content: `${text}\n`, mode: 0o644 }])
      this.log(`Wrote ${flags.output}.`)
    }
    return schema
  }
}
