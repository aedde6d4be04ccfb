// latchkey storage user webauthn delete: takes passkeys and security keys away.
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../../../base/fault.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { visible } from '../../../../cli/terminal/table.ts'
import { unknownUser } from '../../../../cli/users/unknown-user.ts'

export default class WebauthnDelete extends StorageCommand {
  static override description =
    "Take a user's passkeys away: all of them, the one with a name, or the one with a key id whoever has it."
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --all',
    "<%= config.bin %> <%= command.id %> alice --description 'Old phone'",
    '<%= config.bin %> <%= command.id %> --kid=AQIDBAUGBwg=',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ description: 'Name as the users file writes it.' }) }
  static override flags = {
    ...storageFlags,
    all: Flags.boolean({ description: 'All of this user.', default: false, exclusive: ['description', 'kid'] }),
    description: Flags.string({ description: 'The one of this name.', exclusive: ['all', 'kid'], helpValue: 'NAME' }),
    kid: Flags.string({
      description: 'The one with this key id, as `list` shows it.',
      exclusive: ['all', 'description'],
      helpValue: 'ID',
    }),
  }

  async run(): Promise<{ deleted: readonly { username: string; description: string }[] }> {
    const { args, flags } = await this.parse(WebauthnDelete)
    const { username } = args
    const { all, description, kid } = flags
    const byName = username !== undefined && (all || description !== undefined)
    if (!byName && kid === undefined) {
      throw new Fault('webauthn-choice', 'Which passkeys are to go isn’t said.', {
        hint: 'Name the user with --all or --description, or give --kid.',
        exitCode: 2,
      })
    }
    const which =
      kid === undefined
        ? { username, ...(description === undefined ? {} : { description }) }
        : { kid: Buffer.from(kid, 'base64').toString('base64url') }
    const { deleted } = await this.act(flags, 'webauthn.delete', which)
    if (deleted.length === 0) {
      const doubt = username === undefined ? undefined : unknownUser(username, this.place(flags).config)
      throw new Fault('webauthn-missing', 'There is no such passkey.', {
        hint: visible(doubt ?? '`latchkey storage user webauthn list` shows those there are.'),
        exitCode: 1,
      })
    }
    for (const one of deleted) this.log(`${visible(one.username)}'s passkey "${visible(one.description)}" is gone.`)
    return { deleted }
  }
}
