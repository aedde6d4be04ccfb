// latchkey storage migrate up: brings the database to this version of Latchkey, or to an earlier step on the way. `serve` does it by itself.
import { Flags } from '@oclif/core'
import { systemClock } from '../../../base/clock.ts'
import { Fault } from '../../../base/fault.ts'
import { StorageCommand, storageFlags } from '../../../cli/storage/storage-command.ts'
import { migrateDatabase } from '../../../storage/migrate-database.ts'
import { STORAGE_MIGRATIONS } from '../../../storage/migrations.ts'

export default class StorageMigrateUp extends StorageCommand {
  static override description =
    'Bring the database to the newest version, or to the one given. A server does this by itself when it starts.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --target 1 --config configuration.yml',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    target: Flags.integer({
      char: 't',
      min: 1,
      max: STORAGE_MIGRATIONS.length,
      default: STORAGE_MIGRATIONS.length,
      description: 'Version to stop at.',
      helpValue: 'NUMBER',
    }),
  }

  async run(): Promise<{ before: number; after: number }> {
    const { flags } = await this.parse(StorageMigrateUp)
    const { path } = this.place(flags)
    const { before, after } = migrateDatabase(path, flags.target, systemClock.now())
    if (before === after) {
      throw new Fault('schema-up-to-date', `The database has version ${after} already.`, {
        hint: 'Nothing was changed.',
        exitCode: 1,
      })
    }
    this.log(`Storage schema migration from ${before} to ${after} is complete.`)
    return { before, after }
  }
}
