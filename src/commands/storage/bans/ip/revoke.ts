// latchkey storage bans ip revoke: Authelia's name for `bans remove --ip`.
import { Args, Flags } from '@oclif/core'
import type { BanListing } from '../../../../admin/bans.ts'
import { Fault } from '../../../../base/fault.ts'
import { BansCommand } from '../../../../cli/bans-command.ts'
import { storageFlags } from '../../../../cli/storage-command.ts'

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
    if (flags.id !== undefined) return this.liftBans(flags, { kind: 'ip', id: flags.id })
    if (args.ip !== undefined) return this.liftBans(flags, { kind: 'ip', value: args.ip })
    throw new Fault('which-one', 'Neither an address nor an id is given.', {
      hint: 'Name the address, or give the id with --id.',
      exitCode: 2,
    })
  }
}
