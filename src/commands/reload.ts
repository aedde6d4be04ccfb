// latchkey reload: a running server reads all of its files anew, now, and this prints what became of it.
import { ServerCommand, serverFlags } from '../cli/server/server-command.ts'
import { formatProblems } from '../config/problem-text.ts'
import type { ReloadOutcome } from '../server/reload.ts'

export default class Reload extends ServerCommand {
  static override description =
    'Make a running server read its files anew, without waiting until they come to rest. Exit code 1: they are not valid and nothing has changed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config configuration.yml',
    '<%= config.bin %> <%= command.id %> --config /etc/latchkey --json',
  ]
  static override enableJsonFlag = true
  static override flags = serverFlags

  async run(): Promise<ReloadOutcome> {
    const { flags } = await this.parse(Reload)
    const outcome = (await this.ask(flags, 'reload')) as ReloadOutcome
    if (outcome.kind === 'refused') process.exitCode = 1
    if (!this.jsonEnabled()) this.#print(outcome)
    return outcome
  }

  #print({ kind, problems, restart, snapshot }: ReloadOutcome): void {
    if (problems.length > 0) process.stderr.write(`${formatProblems(problems)}\n`)
    if (kind === 'refused') {
      this.log(`Refused: snapshot ${snapshot} keeps serving.`)
      return
    }
    this.log(`Reloaded: snapshot ${snapshot} serves.`)
    if (restart.length > 0) this.log(`After the next start only: ${restart.join(', ')}`)
  }
}
