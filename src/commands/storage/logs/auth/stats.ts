// latchkey storage logs auth stats: how many sign-in attempts are recorded.
import type { AttemptStatsListing } from '../../../../admin/attempts.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { moment } from '../../../../cli/terminal/table.ts'

export default class StorageLogsAuthStats extends StorageCommand {
  static override description = 'Show how many sign-in attempts are recorded, and since when. Times are UTC.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true
  static override flags = storageFlags

  async run(): Promise<AttemptStatsListing> {
    const { flags } = await this.parse(StorageLogsAuthStats)
    const stats = await this.act(flags, 'attempts.stats', {})
    const time = (value: number | null): string => (value === null ? 'N/A' : moment(value))
    this.log(
      [
        `Attempts: ${stats.total}`,
        `Successful: ${stats.successful}`,
        `Failed: ${stats.failed}`,
        `Made while banned: ${stats.banned}`,
        `Oldest: ${time(stats.oldest)}`,
        `Newest: ${time(stats.newest)}`,
      ].join('\n'),
    )
    return stats
  }
}
