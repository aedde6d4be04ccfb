// latchkey storage logs auth list: the record of sign-in attempts.
import { Flags } from '@oclif/core'
import type { AttemptListing } from '../../../../admin/attempts.ts'
import { durationOption } from '../../../../cli/options/duration-option.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { moment, table } from '../../../../cli/terminal/table.ts'

export default class StorageLogsAuthList extends StorageCommand {
  static override description =
    'Show sign-in attempts, newest first. Times are UTC. An attempt with a name that nobody has is recorded without it: it may be a password in the wrong field.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --user alice',
    '<%= config.bin %> <%= command.id %> --failed --since 24h --limit 500 --json',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    user: Flags.string({ char: 'u', description: 'Only of this user.', helpValue: 'NAME' }),
    ip: Flags.string({
      description: 'Only from this address; an IPv6 address is recorded as its /64.',
      helpValue: 'ADDRESS',
    }),
    failed: Flags.boolean({ description: 'Only those that failed.', exclusive: ['successful'] }),
    successful: Flags.boolean({ description: 'Only those that succeeded.' }),
    since: Flags.string({ description: 'Only of the last so much time.', helpValue: 'DURATION' }),
    limit: Flags.integer({
      char: 'n',
      min: 1,
      max: 100_000,
      default: 50,
      description: 'At most so many.',
      helpValue: 'NUMBER',
    }),
  }

  async run(): Promise<readonly AttemptListing[]> {
    const { flags } = await this.parse(StorageLogsAuthList)
    const attempts = await this.act(flags, 'attempts.list', {
      username: flags.user,
      remoteAddress: flags.ip,
      successful: flags.failed ? false : flags.successful ? true : undefined,
      since: flags.since === undefined ? undefined : Date.now() - durationOption('since', flags.since),
      limit: flags.limit,
    })
    const rows = attempts.map((attempt) => [
      moment(attempt.time),
      attempt.successful ? 'success' : attempt.banned ? 'banned' : 'failure',
      attempt.kind,
      attempt.username || undefined,
      attempt.remoteAddress,
      [attempt.requestMethod, attempt.requestUri].filter((part) => part !== '').join(' ') || undefined,
    ])
    this.log(
      rows.length > 0
        ? table(['Time', 'Result', 'Kind', 'Username', 'Address', 'Request'], rows)
        : 'No sign-in attempts.',
    )
    return attempts
  }
}
