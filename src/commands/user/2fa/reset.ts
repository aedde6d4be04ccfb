// latchkey user 2fa reset: takes everything but the password away from a user who has lost it, and signs him out everywhere.
import { Args, Flags } from '@oclif/core'
import type { ResetFactors } from '../../../admin/second-factors.ts'
import { Fault } from '../../../base/fault.ts'
import { StorageCommand, storageFlags } from '../../../cli/storage/storage-command.ts'
import { ask } from '../../../cli/terminal/ask.ts'
import { count, visible } from '../../../cli/terminal/table.ts'
import { unknownUser } from '../../../cli/users/unknown-user.ts'

const NAMES: Readonly<Record<string, string>> = {
  totp: 'one-time codes',
  webauthn: 'passkeys',
  duo: 'the choice of a phone at Duo',
  recovery: 'recovery codes',
}

export default class SecondFactorReset extends StorageCommand {
  static override description =
    'Take away everything a user may sign in with beside his password: passkeys, one-time codes, recovery codes, trusted browsers, and end his sessions. What stands at Duo stays there. At the next sign-in where two factors are needed he sets up new ones. Make sure that it is he who asks.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice --yes --json',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, description: 'Name as the users file writes it.' }) }
  static override flags = {
    ...storageFlags,
    yes: Flags.boolean({ char: 'y', description: 'Do not ask.', default: false }),
  }

  async run(): Promise<ResetFactors & { username: string }> {
    const { args, flags } = await this.parse(SecondFactorReset)
    const { username } = args
    const doubt = unknownUser(username, this.place(flags).config)
    if (doubt !== undefined) this.logToStderr(visible(doubt))
    if (!flags.yes) await this.confirm(username)
    const result = await this.act(flags, 'factors.reset', { username })
    const { removed, browsers, sessions } = result
    const gone = [
      ...removed.map((name) => NAMES[name] ?? name),
      ...(browsers > 0 ? [count(browsers, 'trusted browser')] : []),
    ]
    this.log(
      gone.length > 0
        ? `Taken away from ${visible(username)}: ${gone.join(', ')}.`
        : `${visible(username)} had nothing beside the password.`,
    )
    if (sessions > 0) this.log(`${count(sessions, 'session')} ended.`)
    return { username, ...result }
  }

  /** @throws Fault `input-ended` where nobody can answer, `not-confirmed` */
  private async confirm(username: string): Promise<void> {
    const answer = await ask({
      text: `Take every second factor away from ${visible(username)} and sign him out everywhere? (yes or no)`,
      usual: 'no',
      wrong: (typed) => (['yes', 'no'].includes(typed) ? undefined : 'Type yes or no.'),
      read: (typed) => typed.trim().toLowerCase(),
    })
    if (answer === 'yes') return
    throw new Fault('not-confirmed', 'Nothing was changed.', { hint: 'Answer yes, or use --yes.', exitCode: 1 })
  }
}
