// latchkey storage user totp delete: takes a user's one-time-code device away.
import { Args } from '@oclif/core'
import { Fault } from '../../../../base/fault.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { visible } from '../../../../cli/terminal/table.ts'
import { unknownUser } from '../../../../cli/users/unknown-user.ts'

export default class TotpDelete extends StorageCommand {
  static override description =
    "Take a user's one-time-code device away; at the next sign-in where two factors are needed a new one can be set up."
  static override examples = ['<%= config.bin %> <%= command.id %> alice --config configuration.yml']
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, description: 'Name as the users file writes it.' }) }
  static override flags = storageFlags

  async run(): Promise<{ username: string }> {
    const { args, flags } = await this.parse(TotpDelete)
    const { username } = args
    const { deleted } = await this.act(flags, 'totp.delete', { username })
    if (!deleted) {
      const doubt = unknownUser(username, this.place(flags).config)
      throw new Fault('totp-missing', `${visible(username)} has no one-time-code device.`, {
        ...(doubt !== undefined && { hint: visible(doubt) }),
        exitCode: 1,
      })
    }
    this.log(`${visible(username)}'s one-time-code device is gone.`)
    return { username }
  }
}
