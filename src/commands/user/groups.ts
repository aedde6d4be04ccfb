// latchkey user groups: which groups there are and who is in them; or which ones a user is in, and changing that.
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { table } from '../../cli/terminal/table.ts'
import { UsersCommand, usersFlags } from '../../cli/users/users-command.ts'
import { requireUser } from '../../directory/change-users.ts'

interface Groups {
  readonly username?: string
  readonly groups: readonly string[]
  readonly members?: Readonly<Record<string, readonly string[]>>
}

export default class UserGroups extends UsersCommand {
  static override description =
    'Show all groups with who is in them; with a name the groups of that user, and change them. Groups exist by being named: rules refer to them as group:NAME.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice --add admins --remove guests',
    '<%= config.bin %> <%= command.id %> alice --set family,admins',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ ignoreStdin: true, description: 'All users unless named.' }) }
  static override flags = {
    ...usersFlags,
    add: Flags.string({ multiple: true, description: 'A group to be in from now on.', helpValue: 'GROUP' }),
    remove: Flags.string({ multiple: true, description: 'A group not to be in any more.', helpValue: 'GROUP' }),
    set: Flags.string({
      multiple: true,
      description: 'These groups and no other; an empty text for none.',
      helpValue: 'GROUP,…',
      exclusive: ['add', 'remove'],
    }),
  }

  async run(): Promise<Groups> {
    const { args, flags } = await this.parse(UserGroups)
    const place = this.place(flags)
    const changes = flags.add !== undefined || flags.remove !== undefined || flags.set !== undefined
    if (args.username === undefined) {
      if (changes) {
        throw new Fault('user-field', 'It is not said whose groups are to be changed.', {
          hint: 'latchkey user groups NAME --add GROUP',
          exitCode: 2,
        })
      }
      return this.#all(
        Map.groupBy(
          this.read(place).entries.flatMap(({ user }) => user.groups.map((group) => [group, user.username] as const)),
          ([group]) => group,
        ),
      )
    }
    const named = args.username
    if (!changes) {
      const { username, groups } = requireUser(this.read(place), named, place.search).user
      if (groups.length > 0) this.log(groups.join('\n'))
      else this.logToStderr(`${username} is in no group.`)
      return { username, groups }
    }
    const split = (values: readonly string[] = []): string[] =>
      values
        .flatMap((value) => value.split(','))
        .map((name) => name.trim())
        .filter((name) => name !== '')
    let username = named
    let groups: readonly string[] = []
    const written = await this.change(place, (now) => {
      const { user } = requireUser(now, named, place.search)
      const gone = new Set(split(flags.remove))
      username = user.username
      groups = [...new Set(flags.set ? split(flags.set) : [...user.groups, ...split(flags.add)])].filter(
        (group) => !gone.has(group),
      )
      const same = groups.length === user.groups.length && groups.every((group) => user.groups.includes(group))
      return same ? [] : [{ kind: 'set', username, fields: new Map([['groups', groups]]) }]
    })
    const list = groups.length > 0 ? groups.join(', ') : 'none'
    this.log(`${username} is ${written ? 'now ' : ''}in these groups${written ? '' : ' already'}: ${list}`)
    return { username, groups }
  }

  #all(found: ReadonlyMap<string, readonly (readonly [string, string])[]>): Groups {
    const members = new Map([...found].toSorted().map(([group, pairs]) => [group, pairs.map(([, name]) => name)]))
    if (members.size > 0) {
      this.log(
        table(
          ['GROUP', 'USERS'],
          [...members].map(([group, names]) => [group, names.join(', ')]),
        ),
      )
    } else this.logToStderr('There are no groups.')
    return { groups: [...members.keys()], members: Object.fromEntries(members) }
  }
}
