// latchkey user disable: lets nobody sign in as these users any more; they stay in the file.
import { SwitchUsers } from '../../cli/users/switch-users.ts'

export default class UserDisable extends SwitchUsers {
  static override description =
    'Let nobody sign in as these users any more; a running server refuses them at once, wherever they are signed in. They stay in the file.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice bob --file users.yml',
  ]
  protected override readonly disabled = true
}
