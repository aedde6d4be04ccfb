// latchkey storage logs auth prune: forgets old sign-in attempts.
import { Flags } from '@oclif/core'
import { durationOption } from '../../../../cli/options/duration-option.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { count } from '../../../../cli/terminal/table.ts'

export default class StorageLogsAuthPrune extends StorageCommand {
  static override description =
    'Delete the record of sign-in attempts older than a length of time. A server does so by itself after `audit.retention`. Failures within regulation.find_time count towards bans; without them somebody who guesses begins anew.'
  static override examples = ['<%= config.bin %> <%= command.id %> --older-than 30d']
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    'older-than': Flags.string({ required: true, description: 'Age from which on they go.', helpValue: 'DURATION' }),
  }

  async run(): Promise<{ removed: number }> {
    const { flags } = await this.parse(StorageLogsAuthPrune)
    const olderThan = durationOption('older-than', flags['older-than'])
    const result = await this.act(flags, 'attempts.prune', { olderThan })
    this.log(`${count(result.removed, 'sign-in attempt')} deleted.`)
    return result
  }
}
