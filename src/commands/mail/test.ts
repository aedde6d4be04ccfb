// latchkey mail test: one message, to see whether mail arrives. A running server sends it, as it is configured now; without one this command does.
import { Args } from '@oclif/core'
import { systemClock } from '../../base/clock.ts'
import { callServer } from '../../cli/server/admin-client.ts'
import { storagePathFor } from '../../cli/server/find-server.ts'
import { ServerCommand, serverFlags } from '../../cli/server/server-command.ts'
import { openNotifier } from '../../notify/notifier.ts'
import { firstPortal, type MailTest as Outcome, sendTest } from '../../server/mail.ts'
import { languagesOf } from '../../server/snapshot.ts'

export default class MailTest extends ServerCommand {
  static override description =
    'Send a message to see whether mail arrives: by the running server, or by this command where none runs. Exit code 1: it was not taken; the reason is told.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice@example.com --config configuration.yml',
    '<%= config.bin %> <%= command.id %> alice@example.com --config /etc/latchkey --json',
  ]
  static override enableJsonFlag = true
  static override args = {
    address: Args.string({ description: 'To whom: one plain address.', required: true }),
  }
  static override flags = serverFlags

  async run(): Promise<Outcome> {
    const { args, flags } = await this.parse(MailTest)
    const params = { address: args.address }
    const answer = await callServer(storagePathFor(flags), 'mail-test', params)
    const outcome = answer.kind === 'answered' ? (answer.value as Outcome) : await this.#send(flags, params)
    if (outcome.kind === 'failed') process.exitCode = 1
    if (!this.jsonEnabled()) this.log(told(outcome, args.address))
    return outcome
  }

  async #send(flags: Parameters<typeof storagePathFor>[0], params: object): Promise<Outcome> {
    const { config } = this.load(flags)
    const notifier = openNotifier(config, languagesOf(config), systemClock)
    return sendTest(notifier, firstPortal(config), params, systemClock)
  }
}

function told(outcome: Outcome, address: string): string {
  if (outcome.kind === 'failed') return `Not sent by ${outcome.place}: ${outcome.reason}.`
  const isServer = outcome.place.includes('://')
  return isServer
    ? `${outcome.place} has taken the message for ${address}. Look whether it arrives, and not among the spam.`
    : `Written into ${outcome.place}. Nothing is sent: notifier.filesystem is configured.`
}
