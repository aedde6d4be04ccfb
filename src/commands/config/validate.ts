// latchkey config validate: says whether a configuration would be accepted, and everything that is wrong with it. Opens no database and no network.
// Words that need no explaining don't come here: cli/main.ts validates at once.
import { ConfigCommand, configFlags } from '../../cli/config/config-command.ts'
import { tellValidation, type Validation, validateConfiguration } from '../../cli/validate.ts'

export default class ConfigValidate extends ConfigCommand {
  static override description =
    'Check a configuration and say everything that is wrong with it, each with file, line and column.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config configuration.yml',
    '<%= config.bin %> <%= command.id %> --config /etc/latchkey --json',
  ]
  static override enableJsonFlag = true
  static override flags = configFlags
  static override aliases = ['validate-config']

  async run(): Promise<Validation> {
    const { flags } = await this.parse(ConfigValidate)
    const validation = validateConfiguration(flags)
    tellValidation(validation, flags, this.jsonEnabled())
    return validation
  }
}
