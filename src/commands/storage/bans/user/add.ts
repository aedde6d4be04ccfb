// latchkey storage bans user add: Authelia's name for `bans add --user`.
import { Args } from '@oclif/core'
import type { BanListing } from '../../../../admin/bans.ts'
import { BansCommand, banFlags } from '../../../../cli/storage/bans-command.ts'
import { storageFlags } from '../../../../cli/storage/storage-command.ts'

export default class StorageBansUserAdd extends BansCommand {
  static override description = 'Ban a user from signing in. It holds at once; sessions that exist live on.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --duration 2h --reason "too curious"',
    '<%= config.bin %> <%= command.id %> alice --permanent',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, description: 'Name as the users file writes it.' }) }
  static override flags = { ...storageFlags, ...banFlags }

  async run(): Promise<BanListing> {
    const { args, flags } = await this.parse(StorageBansUserAdd)
    return this.addBan(flags, 'user', args.username)
  }
}
