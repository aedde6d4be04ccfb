// latchkey storage migrate list-up: which migrations could be made; the database is only read.
import { StorageCommand, storageFlags } from '../../../cli/storage/storage-command.ts'
import { table } from '../../../cli/terminal/table.ts'
import { storageKey } from '../../../storage/encryption.ts'
import { type MigrationStep, readSchema, STORAGE_STEPS } from '../../../storage/inspect-database.ts'

export default class StorageMigrateListUp extends StorageCommand {
  static override description = 'Show the migrations that the database has yet to go through.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true
  static override flags = storageFlags

  async run(): Promise<readonly MigrationStep[]> {
    const { flags } = await this.parse(StorageMigrateListUp)
    const { path, encryptionKey } = this.place(flags)
    const { version } = readSchema(path, storageKey(encryptionKey))
    const steps = STORAGE_STEPS.filter((step) => step.version > version)
    this.log('Storage Schema Migration List (Up)\n')
    const rows = steps.map((step) => [step.version, step.description])
    this.log(rows.length > 0 ? table(['Version', 'Description'], rows) : 'No Migrations Available')
    return steps
  }
}
