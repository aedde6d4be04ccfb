// latchkey user enable: lets disabled users sign in again.
import { SwitchUsers } from '../../cli/users/switch-users.ts'

export default class UserEnable extends SwitchUsers {
  static override description = 'Let disabled users sign in again.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice bob --file users.yml',
  ]
  protected override readonly disabled = false
}
