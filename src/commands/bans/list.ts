// latchkey bans list: who may not sign in, and until when.
import { Flags } from '@oclif/core'
import type { BanListing } from '../../admin/bans.ts'
import { type BanKind, BansCommand } from '../../cli/storage/bans-command.ts'
import { storageFlags } from '../../cli/storage/storage-command.ts'

export default class BansListCommand extends BansCommand {
  static override description = 'Show the bans in force, newest first. Times are UTC.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --kind ip --json',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    kind: Flags.string({ options: ['user', 'ip'], description: 'Only bans of this kind.' }),
  }

  async run(): Promise<readonly BanListing[]> {
    const { flags } = await this.parse(BansListCommand)
    return this.listBans(flags, flags.kind as BanKind | undefined)
  }
}
