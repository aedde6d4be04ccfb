// latchkey storage bans user revoke: Authelia's name for `bans remove --user`.
import { Args, Flags } from '@oclif/core'
import type { BanListing } from '../../../../admin/bans.ts'
import { BansCommand } from '../../../../cli/storage/bans-command.ts'
import { storageFlags } from '../../../../cli/storage/storage-command.ts'

export default class StorageBansUserRevoke extends BansCommand {
  static override description = 'Lift every ban on a user, or the one with an id.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> --id 12',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ description: 'As the list of bans shows it.' }) }
  static override flags = {
    ...storageFlags,
    id: Flags.integer({ char: 'i', min: 1, description: 'As the list of bans shows it.', helpValue: 'NUMBER' }),
  }

  async run(): Promise<readonly BanListing[]> {
    const { args, flags } = await this.parse(StorageBansUserRevoke)
    return this.liftOne(flags, 'user', args.username, flags.id)
  }
}
