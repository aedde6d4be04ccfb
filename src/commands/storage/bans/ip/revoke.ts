// latchkey storage bans ip revoke: Authelia's name for `bans remove --ip`.
import { Args, Flags } from '@oclif/core'
import type { BanListing } from '../../../../admin/bans.ts'
import { BansCommand } from '../../../../cli/storage/bans-command.ts'
import { storageFlags } from '../../../../cli/storage/storage-command.ts'

export default class StorageBansIpRevoke extends BansCommand {
  static override description = 'Lift every ban on an address, or the one with an id.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 203.0.113.7',
    '<%= config.bin %> <%= command.id %> --id 12',
  ]
  static override enableJsonFlag = true
  static override args = { ip: Args.string({ description: 'As the list of bans shows it.' }) }
  static override flags = {
    ...storageFlags,
    id: Flags.integer({ char: 'i', min: 1, description: 'As the list of bans shows it.', helpValue: 'NUMBER' }),
  }

  async run(): Promise<readonly BanListing[]> {
    const { args, flags } = await this.parse(StorageBansIpRevoke)
    return this.liftOne(flags, 'ip', args.ip, flags.id)
  }
}
