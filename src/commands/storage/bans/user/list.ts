// latchkey storage bans user list: Authelia's name for `bans list --kind user`.
import type { BanListing } from '../../../../admin/bans.ts'
import { BansCommand } from '../../../../cli/storage/bans-command.ts'
import { storageFlags } from '../../../../cli/storage/storage-command.ts'

export default class StorageBansUserList extends BansCommand {
  static override description = 'Show the bans on users that are in force, newest first. Times are UTC.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override enableJsonFlag = true
  static override flags = storageFlags

  async run(): Promise<readonly BanListing[]> {
    const { flags } = await this.parse(StorageBansUserList)
    return this.listBans(flags, 'user')
  }
}
