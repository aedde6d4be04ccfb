// latchkey user recovery-codes: makes new recovery codes for a user, or says how many he has left.
import { Args, Flags } from '@oclif/core'
import { StorageCommand, storageFlags } from '../../cli/storage/storage-command.ts'
import { moment, visible } from '../../cli/terminal/table.ts'
import { unknownUser } from '../../cli/users/unknown-user.ts'
import { newRecoveryCodes, readRecoveryCode } from '../../login/recovery-code.ts'

interface Counted {
  readonly username: string
  readonly left: number
  readonly total: number
}

export default class UserRecoveryCodes extends StorageCommand {
  static override description =
    "Make ten recovery codes for a user, in place of all earlier ones. They are printed this once and are the user's only: each works once beside the password, in place of a lost factor, or to set up the first one."
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice --count',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, description: 'Name as the users file writes it.' }) }
  static override flags = {
    ...storageFlags,
    count: Flags.boolean({ description: 'Make none; say how many are left.', default: false }),
  }

  async run(): Promise<Counted | { username: string; codes: readonly string[] }> {
    const { args, flags } = await this.parse(UserRecoveryCodes)
    const { username } = args
    const doubt = unknownUser(username, this.place(flags).config)
    if (doubt !== undefined) this.logToStderr(visible(doubt))
    if (flags.count) {
      const { recoveryCodes } = await this.act(flags, 'factors.list', { username })
      if (recoveryCodes === null) this.log(`${visible(username)} has no recovery codes.`)
      else {
        const { left, total, createdAt } = recoveryCodes
        this.log(`${left} of ${total} recovery codes are left, made ${moment(createdAt)} UTC.`)
      }
      return { username, left: recoveryCodes?.left ?? 0, total: recoveryCodes?.total ?? 0 }
    }
    const codes = newRecoveryCodes()
    const canonical = codes.flatMap((code) => readRecoveryCode(code) ?? [])
    await this.act(flags, 'factors.save-recovery-codes', { username, codes: canonical }, { make: true })
    this.log(`New recovery codes of ${visible(username)}; earlier ones are void:\n`)
    this.log(codes.join('\n'))
    return { username, codes }
  }
}
