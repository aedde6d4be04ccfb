// latchkey storage bans ip add: Authelia's name for `bans add --ip`.
import { Args } from '@oclif/core'
import type { BanListing } from '../../../../admin/bans.ts'
import { BansCommand, banFlags } from '../../../../cli/storage/bans-command.ts'
import { storageFlags } from '../../../../cli/storage/storage-command.ts'

export default class StorageBansIpAdd extends BansCommand {
  static override description = 'Ban an address from signing in. It holds at once; sessions that exist live on.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 203.0.113.7 --duration 2h --reason "too curious"',
    '<%= config.bin %> <%= command.id %> 203.0.113.7 --permanent',
  ]
  static override enableJsonFlag = true
  static override args = {
    ip: Args.string({ required: true, description: 'Address, or the /64 network of an IPv6 address.' }),
  }
  static override flags = { ...storageFlags, ...banFlags }

  async run(): Promise<BanListing> {
    const { args, flags } = await this.parse(StorageBansIpAdd)
    return this.addBan(flags, 'ip', args.ip)
  }
}
