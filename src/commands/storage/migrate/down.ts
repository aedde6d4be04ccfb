// latchkey storage migrate down: Authelia's command, which says here why there is no such way.
import { Flags } from '@oclif/core'
import { Fault } from '../../../base/fault.ts'
import { StorageCommand, storageFlags } from '../../../cli/storage/storage-command.ts'

export default class StorageMigrateDown extends StorageCommand {
  static override description = 'Not possible: Latchkey migrates forward only. Restore a backup instead.'
  static override examples = ['<%= config.bin %> restore latchkey-backup.tar.gz --force']
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    target: Flags.integer({ char: 't', description: "Authelia's flag.", helpValue: 'NUMBER' }),
    'destroy-data': Flags.boolean({ description: "Authelia's flag." }),
  }

  async run(): Promise<never> {
    await this.parse(StorageMigrateDown)
    throw new Fault('schema-forward-only', 'The database can only be migrated forward.', {
      hint: 'To go back to an earlier Latchkey, restore the backup that was made with it: `latchkey restore`.',
    })
  }
}
