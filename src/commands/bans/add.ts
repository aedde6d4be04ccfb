// latchkey bans add: nobody signs in under this name, or from this address, for a while.
import { Flags } from '@oclif/core'
import type { BanListing } from '../../admin/bans.ts'
import { BansCommand, banFlags } from '../../cli/storage/bans-command.ts'
import { storageFlags } from '../../cli/storage/storage-command.ts'

export default class BansAdd extends BansCommand {
  static override description =
    'Ban a user or an address from signing in. It holds at once, also in a running server; sessions that exist live on.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --user alice --duration 2h --reason "lost phone"',
    '<%= config.bin %> <%= command.id %> --ip 203.0.113.7 --permanent',
    '<%= config.bin %> <%= command.id %> --ip 2001:db8:1:2::/64',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    user: Flags.string({
      description: 'Name as the users file writes it.',
      exactlyOne: ['user', 'ip'],
      helpValue: 'NAME',
    }),
    ip: Flags.string({ description: 'Address, or the /64 network of an IPv6 address.', helpValue: 'ADDRESS' }),
    ...banFlags,
  }

  async run(): Promise<BanListing> {
    const { flags } = await this.parse(BansAdd)
    return flags.user === undefined ? this.addBan(flags, 'ip', flags.ip ?? '') : this.addBan(flags, 'user', flags.user)
  }
}
