// latchkey storage user identifiers add: gives a user one opaque identifier.
import { randomUUID } from 'node:crypto'
import { Args, Flags } from '@oclif/core'
import { IDENTIFIER_SERVICES, isIdentifier } from '../../../../admin/identifiers.ts'
import { Fault } from '../../../../base/fault.ts'
import { IdentifiersCommand } from '../../../../cli/storage/identifiers-command.ts'
import { storageFlags } from '../../../../cli/storage/storage-command.ts'
import { visible } from '../../../../cli/terminal/table.ts'
import type { UserIdentifier } from '../../../../storage/identifiers.ts'

export default class IdentifiersAdd extends IdentifiersCommand {
  static override description =
    'Give a user an opaque identifier, the name that OpenID Connect clients know the user by. Kept for clients that Authelia served; OpenID Connect itself is not built yet.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> john',
    '<%= config.bin %> <%= command.id %> john --identifier f0919359-9d15-4e15-bcba-83b41620a073',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, description: 'Name as the users file writes it.' }) }
  static override flags = {
    ...storageFlags,
    identifier: Flags.string({ description: 'UUID of version 4; a random one otherwise.', helpValue: 'UUID' }),
    sector: Flags.string({ default: '', description: 'Sector; usually none.', helpValue: 'NAME' }),
    service: Flags.string({ options: [...IDENTIFIER_SERVICES], default: 'openid', description: 'What it is for.' }),
  }

  async run(): Promise<UserIdentifier> {
    const { args, flags } = await this.parse(IdentifiersAdd)
    const identifier = (flags.identifier ?? randomUUID()).toLowerCase()
    if (!isIdentifier(identifier)) {
      throw new Fault('identifier', 'The identifier is not a UUID of version 4.', {
        hint: 'Leave --identifier out to get a random one.',
        exitCode: 2,
      })
    }
    const added = { service: flags.service, sectorId: flags.sector, username: args.username, identifier }
    await this.add(flags, [added])
    this.log(
      `Added User Opaque Identifier:\n\tService: ${added.service}\n\tSector: ${visible(added.sectorId)}\n\tUsername: ${visible(added.username)}\n\tIdentifier: ${identifier}`,
    )
    return added
  }
}
