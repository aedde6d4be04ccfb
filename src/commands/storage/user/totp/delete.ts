// latchkey storage user totp delete: takes a user's one-time-code device away.
import { Args } from '@oclif/core'
import { Fault } from '../../../../base/fault.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage-command.ts'

export default class TotpDelete extends StorageCommand {
  static override description =
    "Take a user's one-time-code device away; at the next sign-in where two factors are needed a new one can be set up."
  static override examples = ['<%= config.bin %> <%= command.id %> alice --config configuration.yml']
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, description: 'Name as the users file writes it.' }) }
  static override flags = storageFlags

  async run(): Promise<{ username: string }> {
    const { args, flags } = await this.parse(TotpDelete)
    return this.withStorage(flags, async ({ totp }) => {
      if (!(await totp.delete(args.username))) {
        throw new Fault('totp-missing', `${args.username} has no one-time-code device.`, { exitCode: 1 })
      }
      this.log(`${args.username}'s one-time-code device is gone.`)
      return { username: args.username }
    })
  }
}
