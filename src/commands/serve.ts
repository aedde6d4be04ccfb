// latchkey serve: runs the server until it is told to stop.
import { Flags } from '@oclif/core'
import { systemClock } from '../base/clock.ts'
import { ConfigCommand, configFlags } from '../cli/config-command.ts'
import { formatProblems } from '../config/problem-text.ts'
import { type RunningServer, startServer } from '../server/server.ts'

/** Exit code of a process that a signal ended, by the shell's convention. */
const ENDED_BY = { SIGTERM: 143, SIGINT: 130 } as const
/** As printFailure's for a bug. */
const BUG = 70

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
    // First, since process 1 of a container doesn't end by a signal that nobody listens to.
    let server: RunningServer | undefined
    process.on('SIGHUP', () => server?.reopenLog())
    const told = toldToStop()
    const { config, warnings } = this.load(flags)
    if (warnings.length > 0) this.logToStderr(formatProblems(warnings))
    server = await startServer({ config, selfSigned: flags['self-signed'], clock: systemClock })
    const { tellBug } = server
    // In a state that nobody foresaw nothing more is answered: a gate that is gone lets nobody through.
    process.on('uncaughtException', (error) => {
      tellBug(error)
      process.exit(BUG)
    })
    if (flags.check) {
      await server.stop()
      return this.log('Everything starts.')
    }
    await told
    await server.stop()
  }
}

/** Resolves at the first signal; the second one means: now. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let told = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (told) process.exit(ENDED_BY[signal])
        told = true
        resolve()
      })
    }
  })
}
