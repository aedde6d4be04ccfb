// latchkey user set: changes a user's name, e-mail address and other fields, each where it stands.
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { fieldsFrom, requireField, userFieldFlags } from '../../cli/users/user-fields-flags.ts'
import { UsersCommand, usersFlags } from '../../cli/users/users-command.ts'
import { requireUser } from '../../directory/change-users.ts'
import type { YamlValue } from '../../yaml/write.ts'

export default class UserSet extends UsersCommand {
  static override description =
    "Change a user's fields. Nothing else in the file is touched; a running server has it at once."
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --display-name "Alice L." --email alice@example.org',
    '<%= config.bin %> <%= command.id %> alice --field locale=de-DE --field address.locality=Bern',
    '<%= config.bin %> <%= command.id %> alice --unset email --unset address.locality',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, ignoreStdin: true }) }
  static override flags = {
    ...usersFlags,
    ...userFieldFlags,
    unset: Flags.string({ multiple: true, description: 'A field to take away; may be repeated.', helpValue: 'NAME' }),
    force: Flags.boolean({ char: 'f', description: 'Allow an e-mail address that is in use.' }),
  }

  async run(): Promise<{ username: string; file: string; changed: boolean }> {
    const { args, flags } = await this.parse(UserSet)
    const place = this.place(flags)
    const fields = new Map<string, YamlValue | undefined>(fieldsFrom(flags, place))
    for (const name of flags.unset ?? []) {
      if (name !== 'email') requireField(name, place)
      fields.set(name, undefined)
    }
    if (fields.size === 0) {
      throw new Fault('user-field', 'There is nothing to set.', {
        hint: 'Say what with --display-name, --email, --field or --unset.',
        exitCode: 2,
      })
    }
    let username = args.username
    const changed = await this.change(
      place,
      (now) => {
        username = requireUser(now, args.username, place.search).user.username
        const node = now.nodes?.entries.get(username)?.value
        const has = (name: string): boolean => {
          const [outer = '', inner] = name.split(/\.(.*)/s)
          const value = node?.kind === 'map' ? node.entries.get(outer)?.value : undefined
          return inner === undefined ? value !== undefined : value?.kind === 'map' && value.entries.has(inner)
        }
        // What isn't there needs no taking away.
        const needed = new Map([...fields].filter(([name, value]) => value !== undefined || has(name)))
        return needed.size === 0 ? [] : [{ kind: 'set', username, fields: needed }]
      },
      { force: flags.force },
    )
    this.log(changed ? `${username} is changed in ${place.path}.` : `${username} is so already.`)
    return { username, file: place.path, changed }
  }
}
