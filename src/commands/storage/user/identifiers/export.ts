// latchkey storage user identifiers export: every opaque identifier as YAML, in Authelia's format.
import { Flags } from '@oclif/core'
import { newFile } from '../../../../cli/setup/new-file.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { count } from '../../../../cli/terminal/table.ts'
import { writeYaml } from '../../../../yaml/write.ts'

export default class IdentifiersExport extends StorageCommand {
  static override description = 'Write all opaque identifiers to a YAML file (mode 0600).'
  static override examples = ['<%= config.bin %> <%= command.id %> --file identifiers.yml']
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    file: Flags.string({
      char: 'f',
      default: 'latchkey.export.opaque-identifiers.yml',
      description: 'File to write; it must not exist.',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<{ file: string; count: number }> {
    const { flags } = await this.parse(IdentifiersExport)
    const found = await this.act(flags, 'identifiers.list', {})
    const entries = found.map(
      ({ service, sectorId, username, identifier }) =>
        new Map([
          ['service', service],
          ['sector_id', sectorId],
          ['username', username],
          ['identifier', identifier],
        ]),
    )
    newFile(flags.file, writeYaml(new Map([['identifiers', entries]])))
    this.log(`${count(found.length, 'opaque identifier')} written to ${flags.file}`)
    return { file: flags.file, count: found.length }
  }
}
