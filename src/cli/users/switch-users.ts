// What `user disable` and `user enable` have in common: several users, each switched where he stands.
import { Args } from '@oclif/core'
import { requireUser, type UserChange } from '../../directory/change-users.ts'
import { UsersCommand, usersFlags } from './users-command.ts'

export abstract class SwitchUsers extends UsersCommand {
  static override enableJsonFlag = true
  static override strict = false
  static override args = { username: Args.string({ required: true, ignoreStdin: true, description: 'One or more.' }) }
  static override flags = usersFlags
  protected abstract readonly disabled: boolean

  async run(): Promise<{ file: string; changed: readonly string[]; unchanged: readonly string[] }> {
    // oclif looks at what a class has of its own, not at what it inherits.
    const { enableJsonFlag, strict, args, flags: known } = SwitchUsers
    const { argv, flags } = await this.parse({ enableJsonFlag, strict, args, flags: known })
    const { disabled } = this
    const place = this.place(flags)
    const changed: string[] = []
    const unchanged: string[] = []
    let left = 0
    await this.change(place, (now) => {
      changed.length = 0
      unchanged.length = 0
      const meant = new Set((argv as string[]).map((name) => requireUser(now, name, place.search)))
      left = now.entries.filter((entry) => !meant.has(entry) && !entry.disabled).length
      return [...meant].flatMap(({ user: { username }, ...entry }): UserChange[] => {
        if (entry.disabled === disabled) {
          unchanged.push(username)
          return []
        }
        changed.push(username)
        return [{ kind: 'set', username, fields: new Map([['disabled', disabled]]) }]
      })
    })
    const word = disabled ? 'disabled' : 'enabled'
    for (const name of changed) this.log(`${name} is ${word} in ${place.path}.`)
    for (const name of unchanged) this.log(`${name} is ${word} already.`)
    if (disabled && left === 0) this.logToStderr('Nobody can sign in any more.')
    return { file: place.path, changed, unchanged }
  }
}
