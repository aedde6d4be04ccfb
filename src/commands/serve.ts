// latchkey serve: runs the server until it is told to stop. Words that need no explaining don't come here: cli/main.ts serves at once.
import { Flags } from '@oclif/core'
import { ConfigCommand, configFlags } from '../cli/config/config-command.ts'
import { serve } from '../cli/serve.ts'

export default class Serve extends ConfigCommand {
  static override description =
    'Run the server: gate and portal. Changes of its files are taken over while it runs. SIGTERM and SIGINT end it, SIGHUP reads all files anew and reopens the log file.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config configuration.yml',
    '<%= config.bin %> <%= command.id %> --config /etc/latchkey --self-signed',
    '<%= config.bin %> <%= command.id %> --config configuration.yml --check',
  ]
  static override flags = {
    ...configFlags,
    'self-signed': Flags.boolean({
      description: 'Serve TLS with a certificate made here and kept beside the database.',
    }),
    watch: Flags.boolean({
      allowNo: true,
      description:
        'Take changes of files over when they come to rest. Default: yes, unless the configuration says `watch: false`.',
    }),
    check: Flags.boolean({ description: 'Start everything, then stop: exit code 0 means that it would serve.' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve)
    await serve(flags)
  }
}
