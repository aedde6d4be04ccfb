// latchkey storage user identifiers generate: gives several users an opaque identifier each, for each service and sector.
import { randomUUID } from 'node:crypto'
import { Flags } from '@oclif/core'
import { IDENTIFIER_SERVICES } from '../../../../admin/identifiers.ts'
import { IdentifiersCommand } from '../../../../cli/storage/identifiers-command.ts'
import { storageFlags } from '../../../../cli/storage/storage-command.ts'
import { count } from '../../../../cli/terminal/table.ts'
import type { UserIdentifier } from '../../../../storage/identifiers.ts'

export default class IdentifiersGenerate extends IdentifiersCommand {
  static override description = 'Give several users a random opaque identifier each: all of them, or none.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --users john,mary',
    '<%= config.bin %> <%= command.id %> --users john,mary --sectors ",example.com"',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    users: Flags.string({ required: true, description: 'Names, separated by commas.', helpValue: 'NAMES' }),
    sectors: Flags.string({
      default: '',
      description: 'Sectors, separated by commas; an empty one is none.',
      helpValue: 'NAMES',
    }),
    services: Flags.string({
      options: [...IDENTIFIER_SERVICES],
      multiple: true,
      default: ['openid'],
      description: 'What they are for.',
    }),
  }

  async run(): Promise<readonly UserIdentifier[]> {
    const { flags } = await this.parse(IdentifiersGenerate)
    const users = [...new Set(flags.users.split(',').filter((name) => name !== ''))]
    const sectors = [...new Set(flags.sectors.split(','))]
    const made = users.flatMap((username) =>
      [...new Set(flags.services)].flatMap((service) =>
        sectors.map((sectorId) => ({ service, sectorId, username, identifier: randomUUID() })),
      ),
    )
    await this.add(flags, made)
    this.log(`${count(made.length, 'opaque identifier')} added.`)
    return made
  }
}
