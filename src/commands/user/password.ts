// latchkey user password: gives a user another password.
import { Args, Flags } from '@oclif/core'
import { count } from '../../cli/terminal/table.ts'
import { endSessionsOf } from '../../cli/users/end-sessions.ts'
import { newPassword, passwordFlags } from '../../cli/users/password-flags.ts'
import { UsersCommand, usersFlags } from '../../cli/users/users-command.ts'
import { requireUser } from '../../directory/change-users.ts'

export default class UserPassword extends UsersCommand {
  static override description =
    'Give a user another password: asked for, read from a pipe, or made. A running server takes only the new one at once, and whoever is signed in with the old one is signed out.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice --generate',
    'printf \'%s\' "$PASSWORD" | <%= config.bin %> <%= command.id %> alice --file users.yml',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, ignoreStdin: true }) }
  static override flags = {
    ...usersFlags,
    ...passwordFlags,
    'keep-sessions': Flags.boolean({ description: 'Leave the user signed in where he is.' }),
  }

  async run(): Promise<{ username: string; file: string; sessionsEnded: number; password?: string }> {
    const { args, flags } = await this.parse(UserPassword)
    const place = this.place(flags)
    const { user } = requireUser(this.read(place), args.username, place.search)
    const { username } = user
    const about = [username, user.displayName, ...user.emails]
    const { hash, generated } = await newPassword(flags, place.passwords, about)
    const keep = flags['keep-sessions']
    await this.change(place, () => [{ kind: 'set', username, fields: new Map([['password', hash]]) }], {
      keepSessionsOf: keep ? [username] : [],
    })
    this.log(`${username} has another password in ${place.path}.`)
    // A running server has ended them already; where none runs, this does.
    const left = keep || place.config === undefined ? 0 : await endSessionsOf(place.config, username)
    const ended = this.sessionsEnded + left
    if (ended > 0) this.log(`${count(ended, 'session')} of ${username} ended.`)
    if (generated !== undefined) this.log(`Password: ${generated}`)
    return { username, file: place.path, sessionsEnded: ended, ...(generated !== undefined && { password: generated }) }
  }
}
