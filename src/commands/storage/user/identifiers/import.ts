// latchkey storage user identifiers import: brings opaque identifiers in from a YAML file that `export` wrote, ours or Authelia's.
import { Args } from '@oclif/core'
import { IDENTIFIER_SERVICES, isIdentifier } from '../../../../admin/identifiers.ts'
import { IdentifiersCommand } from '../../../../cli/storage/identifiers-command.ts'
import { readImportFile, refuseEntry } from '../../../../cli/storage/import-file.ts'
import { storageFlags } from '../../../../cli/storage/storage-command.ts'
import { count } from '../../../../cli/terminal/table.ts'

export default class IdentifiersImport extends IdentifiersCommand {
  static override description =
    'Bring opaque identifiers in from a YAML file that `export` of Latchkey or Authelia wrote: all of them, or none.'
  static override examples = ['<%= config.bin %> <%= command.id %> authelia.export.opaque-identifiers.yml']
  static override enableJsonFlag = true
  static override args = {
    filename: Args.string({ default: 'authelia.export.opaque-identifiers.yml', description: 'The YAML file.' }),
  }
  static override flags = storageFlags

  async run(): Promise<{ file: string; count: number }> {
    const { args, flags } = await this.parse(IdentifiersImport)
    const identifiers = readImportFile(args.filename, 'identifiers').map((entry) => {
      const read = {
        service: entry.text('service'),
        sectorId: entry.text('sector_id'),
        username: entry.text('username'),
        identifier: entry.text('identifier').toLowerCase(),
      }
      if (read.username === '') refuseEntry(entry, 'the entry has no username.')
      if (!isIdentifier(read.identifier)) refuseEntry(entry, 'the identifier is no UUID of version 4.')
      if (!IDENTIFIER_SERVICES.some((known) => known === read.service))
        refuseEntry(entry, `service must be ${IDENTIFIER_SERVICES.join(' or ')}.`)
      return read
    })
    await this.add(flags, identifiers)
    this.log(`${count(identifiers.length, 'opaque identifier')} imported from ${args.filename}`)
    return { file: args.filename, count: identifiers.length }
  }
}
