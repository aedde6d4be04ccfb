// latchkey sessions revoke: ends sessions; their next request is answered as if nobody were signed in.
import { Args, Flags } from '@oclif/core'
import type { RevokedSessions } from '../../admin/sessions.ts'
import { Fault } from '../../base/fault.ts'
import { StorageCommand, storageFlags } from '../../cli/storage/storage-command.ts'
import { count, visible } from '../../cli/terminal/table.ts'
import { unknownUser } from '../../cli/users/unknown-user.ts'

export default class SessionsRevoke extends StorageCommand {
  static override description =
    'End one session, all of a user, or all there are. The very next request of such a session is refused. Whoever may sign in can do so again.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> 3f9a11c04b7d',
    '<%= config.bin %> <%= command.id %> --user alice',
    '<%= config.bin %> <%= command.id %> --all',
  ]
  static override enableJsonFlag = true
  static override args = {
    handle: Args.string({ description: 'As `sessions list` shows it, or its first six characters or more.' }),
  }
  static override flags = {
    ...storageFlags,
    user: Flags.string({ char: 'u', description: 'All sessions of this user.', helpValue: 'NAME' }),
    all: Flags.boolean({ description: 'All sessions of everybody.' }),
  }

  async run(): Promise<{ count: number; usernames: readonly string[] }> {
    const { args, flags } = await this.parse(SessionsRevoke)
    const { user, all } = flags
    const given = [args.handle, user, all].filter((some) => some !== undefined && some !== false)
    if (given.length !== 1) {
      throw new Fault('which-one', 'Which sessions is to be said in exactly one way.', {
        hint: 'Name a handle, or use --user NAME, or --all.',
        exitCode: 2,
      })
    }
    const params =
      args.handle !== undefined ? { handle: args.handle } : user !== undefined ? { username: user } : { all }
    const result = await this.act(flags, 'sessions.revoke', params)
    const doubt = user === undefined ? undefined : unknownUser(user, this.place(flags).config)
    return this.tell(result, params, doubt)
  }

  private tell(
    result: RevokedSessions,
    asked: { readonly handle?: string; readonly username?: string },
    doubt: string | undefined,
  ): { count: number; usernames: readonly string[] } {
    if (result.kind === 'ambiguous') {
      throw new Fault('session-ambiguous', `${result.keys.length} sessions have handles that begin like this.`, {
        hint: `Give more of it: ${result.keys.map((key) => key.slice(0, 20)).join(', ')}.`,
        exitCode: 2,
      })
    }
    if (result.count === 0 && (asked.handle !== undefined || asked.username !== undefined)) {
      const who = asked.username === undefined ? `with the handle ${asked.handle}` : `of ${asked.username}`
      throw new Fault('session-missing', `There is no session ${visible(who)}.`, {
        hint: visible(doubt ?? '`latchkey sessions list` shows those there are.'),
        exitCode: 1,
      })
    }
    this.log(
      result.count === 0
        ? 'Nobody was signed in.'
        : `${count(result.count, 'session')} ended: ${result.usernames.map(visible).join(', ')}.`,
    )
    return { count: result.count, usernames: result.usernames }
  }
}
