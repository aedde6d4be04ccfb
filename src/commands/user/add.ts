// latchkey user add: a new user in the users file.
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { leftOverFactors } from '../../cli/users/left-over-factors.ts'
import { newPassword, passwordFlags } from '../../cli/users/password-flags.ts'
import { fieldsFrom, nestFields, userFieldFlags } from '../../cli/users/user-fields-flags.ts'
import { requireUsername } from '../../cli/users/username.ts'
import { UsersCommand, usersFlags } from '../../cli/users/users-command.ts'
import { requireNewName } from '../../directory/change-users.ts'
import type { YamlValue } from '../../yaml/write.ts'

export default class UserAdd extends UsersCommand {
  static override description =
    'Add a user to the users file, which is made where there is none. Asks for the password, or reads it from a pipe. A running server has the user at once.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --display-name "Alice Liddell" --email alice@example.com --group admins',
    '<%= config.bin %> <%= command.id %> bob --generate',
    'printf \'%s\' "$PASSWORD" | <%= config.bin %> <%= command.id %> carol --file users.yml',
  ]
  static override enableJsonFlag = true
  static override args = {
    username: Args.string({ required: true, ignoreStdin: true, description: 'What the user types to sign in.' }),
  }
  static override flags = {
    ...usersFlags,
    ...userFieldFlags,
    group: Flags.string({ char: 'g', multiple: true, description: 'A group to be in; may be repeated.' }),
    disabled: Flags.boolean({ description: 'Add the user, but let nobody sign in as him yet.' }),
    ...passwordFlags,
    'keep-factors': Flags.boolean({
      description: 'It is the person who had this name before: what he could show beside his password counts again.',
    }),
    force: Flags.boolean({ char: 'f', description: 'Allow a weak password and an e-mail address that is in use.' }),
  }

  async run(): Promise<{ username: string; file: string; password?: string }> {
    const { args, flags } = await this.parse(UserAdd)
    const place = this.place(flags)
    const { username } = args
    requireUsername(username, place.search)
    const given = fieldsFrom(flags, place)
    const displayname = given.get('displayname') ?? username
    // Nobody should think of a password for a user who can't be added.
    await this.change(
      place,
      (now) => {
        requireNewName(now, username, place.search)
        return []
      },
      { create: true },
    )
    // Whoever had the name before could sign in with them, or the new user with what isn't his.
    const leftOver = place.config === undefined ? [] : await leftOverFactors(place.config.storage, username)
    if (leftOver.length > 0 && !flags['keep-factors']) {
      throw new Fault(
        'factors-left-over',
        `Somebody who was called ${JSON.stringify(username)} before left behind: ${leftOver.join(', ')}.`,
        {
          hint: `Take them away with \`latchkey user 2fa reset ${username}\`, or add the user with --keep-factors if it is the same person.`,
          exitCode: 1,
        },
      )
    }
    const about = [username, ...['displayname', 'email'].map((name) => String(given.get(name) ?? ''))]
    const { hash, generated } = await newPassword(flags, place.passwords, about)
    const groups = [...new Set(flags.group ?? [])]
    const fields = new Map<string, YamlValue>([
      ['displayname', displayname],
      ['password', hash],
      ...given,
      ...(groups.length > 0 ? ([['groups', groups]] as const) : []),
      ...(flags.disabled ? ([['disabled', true]] as const) : []),
    ])
    await this.change(place, () => [{ kind: 'add', username, fields: nestFields(fields) }], {
      create: true,
      force: flags.force,
    })
    this.log(`${username} is added to ${place.path}.`)
    if (generated !== undefined) this.log(`Password: ${generated}`)
    return { username, file: place.path, ...(generated !== undefined && { password: generated }) }
  }
}
