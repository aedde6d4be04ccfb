// latchkey user show: everything the users file says of one user, but the password.
import { Args } from '@oclif/core'
import { facts } from '../../cli/terminal/table.ts'
import { type UserAccount, userAccount } from '../../cli/users/user-account.ts'
import { UsersCommand, usersFlags } from '../../cli/users/users-command.ts'
import { requireUser } from '../../directory/change-users.ts'
import { userFields } from '../../directory/user-fields.ts'
import type { YamlValue } from '../../yaml/write.ts'

export default class UserShow extends UsersCommand {
  static override description = 'Show everything the users file says of a user. Of the password only how it is hashed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice --json',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, ignoreStdin: true }) }
  static override flags = usersFlags

  async run(): Promise<UserAccount & { fields: Record<string, unknown>; place: string }> {
    const { args, flags } = await this.parse(UserShow)
    const at = this.place(flags)
    const now = this.read(at)
    const entry = requireUser(now, args.username, at.search)
    const account = userAccount(entry)
    const node = now.nodes?.entries.get(account.username)?.value
    const shown = ['displayname', 'password', 'email', 'groups', 'disabled']
    const others = [...(node ? userFields(node) : [])].filter(([name]) => !shown.includes(name))
    const place = `${entry.position.file}:${entry.position.line}`
    const lines: [string, string][] = [
      ['user', account.username],
      ['name', account.displayName],
      ['e-mail', account.email ?? '—'],
      ['groups', account.groups.join(', ') || '—'],
      ['state', account.state],
      ['password', account.password],
      ...others.map(([name, value]): [string, string] => [name, shownValue(value)]),
      ['written in', place],
    ]
    this.log(facts(lines, ''))
    return { ...account, fields: Object.fromEntries(others.map(([name, value]) => [name, plain(value)])), place }
  }
}

function plain(value: YamlValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...(value as ReadonlyMap<string, YamlValue>)].map(([key, item]) => [key, plain(item)]))
  }
  if (Array.isArray(value)) return (value as readonly YamlValue[]).map(plain)
  return typeof value === 'bigint' ? String(value) : value
}

function shownValue(value: YamlValue): string {
  if (value instanceof Map) {
    return [...(value as ReadonlyMap<string, YamlValue>)].map(([key, item]) => `${key}: ${shownValue(item)}`).join(', ')
  }
  return Array.isArray(value) ? (value as readonly YamlValue[]).map(shownValue).join(', ') : String(value)
}
