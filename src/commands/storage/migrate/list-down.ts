// latchkey storage migrate list-down: which migrations could be made; the database is only read.
import { StorageCommand, storageFlags } from '../../../cli/storage/storage-command.ts'
import type { MigrationStep } from '../../../storage/inspect-database.ts'

export default class StorageMigrateListDown extends StorageCommand {
  static override description =
    'Show the migrations that can be undone: none, since Latchkey goes forward only. The way back is a backup.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true
  static override flags = storageFlags

  async run(): Promise<readonly MigrationStep[]> {
    const { flags } = await this.parse(StorageMigrateListDown)
    this.place(flags)
    this.log('Storage Schema Migration List (Down)\n\nNo Migrations Available')
    return []
  }
}
