// latchkey bans remove: lifts bans before their time.
import { Flags } from '@oclif/core'
import type { BanListing } from '../../admin/bans.ts'
import { BansCommand } from '../../cli/storage/bans-command.ts'
import { storageFlags } from '../../cli/storage/storage-command.ts'

export default class BansRemove extends BansCommand {
  static override description = 'Lift every ban on a user or an address, or the one with an id.'
  static override hiddenAliases = ['bans:revoke']
  static override examples = [
    '<%= config.bin %> <%= command.id %> --user alice',
    '<%= config.bin %> <%= command.id %> --ip 203.0.113.7',
    '<%= config.bin %> <%= command.id %> --id 12',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    user: Flags.string({
      description: 'Name as `bans list` shows it.',
      exactlyOne: ['user', 'ip', 'id'],
      helpValue: 'NAME',
    }),
    ip: Flags.string({ description: 'Address or network as `bans list` shows it.', helpValue: 'ADDRESS' }),
    id: Flags.integer({ char: 'i', min: 1, description: 'As `bans list` shows it.', helpValue: 'NUMBER' }),
  }

  async run(): Promise<readonly BanListing[]> {
    const { flags } = await this.parse(BansRemove)
    if (flags.id !== undefined) return this.liftBans(flags, { id: flags.id })
    if (flags.user !== undefined) return this.liftBans(flags, { kind: 'user', value: flags.user })
    return this.liftBans(flags, { kind: 'ip', value: flags.ip ?? '' })
  }
}
