// latchkey user list: who is in the users file.
import { Flags } from '@oclif/core'
import { type Cell, table } from '../../cli/terminal/table.ts'
import { type UserAccount, userAccount } from '../../cli/users/user-account.ts'
import { UsersCommand, usersFlags } from '../../cli/users/users-command.ts'

export default class UserList extends UsersCommand {
  static override description = 'Show who is in the users file, in its order.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --group admins --json',
    '<%= config.bin %> <%= command.id %> --file users.yml --disabled',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...usersFlags,
    group: Flags.string({ char: 'g', description: 'Only who is in this group.' }),
    disabled: Flags.boolean({ description: 'Only who may not sign in.' }),
  }

  async run(): Promise<{ file: string; users: readonly UserAccount[] }> {
    const { flags } = await this.parse(UserList)
    const place = this.place(flags)
    const users = this.read(place)
      .entries.map(userAccount)
      .filter(({ groups }) => flags.group === undefined || groups.includes(flags.group))
      .filter(({ state }) => !flags.disabled || state !== 'enabled')
    const row = ({ username, displayName, email, groups, state, password }: UserAccount): Cell[] => [
      username,
      displayName,
      email ?? undefined,
      groups.join(', ') || undefined,
      state,
      password,
    ]
    if (users.length > 0) this.log(table(['USER', 'NAME', 'E-MAIL', 'GROUPS', 'STATE', 'PASSWORD'], users.map(row)))
    else this.logToStderr(`No such user in ${place.path}.`)
    return { file: place.path, users }
  }
}
