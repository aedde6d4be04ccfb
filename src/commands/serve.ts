// latchkey serve: runs the server until it is told to stop.
import { Flags } from '@oclif/core'
import { systemClock } from '../base/clock.ts'
import { ConfigCommand, configFlags } from '../cli/config-command.ts'
import { formatProblems } from '../config/problem-text.ts'
import { startServer } from '../server/server.ts'

export default class Serve extends ConfigCommand {
  static override description =
    'Run the server: gate and portal. SIGTERM and SIGINT end it, SIGHUP reopens the log file.'
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
    check: Flags.boolean({ description: 'Start everything, then stop: exit code 0 means that it would serve.' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Serve)
    const { config, warnings } = this.load(flags)
    if (warnings.length > 0) this.logToStderr(formatProblems(warnings))
    const server = await startServer({ config, selfSigned: flags['self-signed'], clock: systemClock })
    if (flags.check) {
      await server.stop()
      this.log('Everything starts.')
      return
    }
    process.on('SIGHUP', () => server.reopenLog())
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
    })
    // A second signal means: now.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(130))
    await server.stop()
  }
}
