// latchkey storage user webauthn list: who has which passkeys and security keys.
import { Args } from '@oclif/core'
import type { WebauthnListing } from '../../../../admin/webauthn.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { table } from '../../../../cli/terminal/table.ts'

type Shown = Omit<WebauthnListing, 'publicKey' | 'attestation' | 'userHandle'>

export default class WebauthnList extends StorageCommand {
  static override description = 'Show the passkeys and security keys of everybody, or of one user. No key is shown.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> alice']
  static override enableJsonFlag = true
  static override args = { username: Args.string({ description: 'Only of this user.' }) }
  static override flags = storageFlags

  async run(): Promise<readonly Shown[]> {
    const { args, flags } = await this.parse(WebauthnList)
    const { username } = args
    const found = await this.act(flags, 'webauthn.list', username === undefined ? {} : { username })
    this.log(
      found.length === 0
        ? 'There are none.'
        : table(
            ['ID', 'RPID', 'KID', 'DESCRIPTION', 'USERNAME'],
            found.map(({ id, rpId, kid, description, username: owner }) => [
              id,
              rpId,
              Buffer.from(kid, 'base64url').toString('base64'),
              description,
              owner,
            ]),
          ),
    )
    return found.map(({ publicKey: _, attestation: __, userHandle: ___, ...shown }) => shown)
  }
}
