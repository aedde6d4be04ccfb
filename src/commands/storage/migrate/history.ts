// latchkey storage migrate history: when the database was brought to which version; it is only read.
import { StorageCommand, storageFlags } from '../../../cli/storage/storage-command.ts'
import { moment, table } from '../../../cli/terminal/table.ts'
import { readHistory, type TakenStep } from '../../../storage/inspect-database.ts'

export default class StorageMigrateHistory extends StorageCommand {
  static override description = 'Show the migrations that the database went through. Times are UTC.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true
  static override flags = storageFlags

  async run(): Promise<readonly TakenStep[]> {
    const { flags } = await this.parse(StorageMigrateHistory)
    const steps = readHistory(this.place(flags).path)
    const rows = steps.map((step) => [
      step.id,
      step.appliedAt === null ? 'not recorded' : moment(step.appliedAt),
      step.before,
      step.after,
      step.program || undefined,
    ])
    this.log('Migration History:\n')
    this.log(
      rows.length > 0 ? table(['ID', 'Date', 'Before', 'After', 'Latchkey Version'], rows) : 'No migrations yet.',
    )
    return steps
  }
}
