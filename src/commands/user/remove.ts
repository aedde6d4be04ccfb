// latchkey user remove: takes users out of the users file. What the database knows of them stays there.
import { Args, Flags } from '@oclif/core'
import { UsersCommand, usersFlags } from '../../cli/users/users-command.ts'
import { requireUser } from '../../directory/change-users.ts'

export default class UserRemove extends UsersCommand {
  static override description =
    'Take users out of the users file, with the comments within their lines. A running server refuses them at once. To keep the password, disable a user instead. What they could show besides it (passkeys, one-time codes) stays in the database: `latchkey user 2fa reset` takes it away, before somebody else is given the name.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice bob --file users.yml',
  ]
  static override enableJsonFlag = true
  static override hiddenAliases = ['user:delete', 'user:rm']
  static override strict = false
  static override args = { username: Args.string({ required: true, ignoreStdin: true, description: 'One or more.' }) }
  static override flags = {
    ...usersFlags,
    force: Flags.boolean({ char: 'f', description: 'Remove the last user, too.' }),
  }

  async run(): Promise<{ file: string; removed: readonly string[] }> {
    const { argv, flags } = await this.parse(UserRemove)
    const place = this.place(flags)
    let removed: string[] = []
    await this.change(
      place,
      (now) => {
        removed = [...new Set((argv as string[]).map((name) => requireUser(now, name, place.search).user.username))]
        return removed.map((username) => ({ kind: 'remove', username }))
      },
      { force: flags.force },
    )
    for (const name of removed) {
      this.log(`${name} is removed from ${place.path}.`)
      this.logToStderr(`Before somebody else is given this name: latchkey user 2fa reset ${name}`)
    }
    return { file: place.path, removed }
  }
}
