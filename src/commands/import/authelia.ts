// latchkey import authelia: brings one-time-code devices and preferences from Authelia's database into ours. The source is never written.
import { Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { configFlags } from '../../cli/config-command.ts'
import { StorageCommand } from '../../cli/storage-command.ts'
import { visible } from '../../cli/table.ts'
import type { Config } from '../../config/config.ts'
import { type AutheliaImport, importAuthelia } from '../../import/authelia.ts'
import { detectDatabase } from '../../storage/detect-database.ts'
import { locateStorage } from '../../storage/open-storage.ts'

export default class ImportAuthelia extends StorageCommand {
  static override description =
    "Bring one-time-code devices and preferences over from Authelia's SQLite database. It is only read, so that the way back stays open; what Latchkey has already is kept, so that this can be repeated."
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config configuration.yml --dry-run',
    '<%= config.bin %> <%= command.id %> --config configuration.yml --source /config/db.sqlite3',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...configFlags,
    source: Flags.string({
      description: "Authelia's database. Default: storage.local.path, where that is one.",
      helpValue: 'FILE',
    }),
    'encryption-key': Flags.string({
      description: 'The storage.encryption_key that Authelia runs with, where it is another one than ours.',
      helpValue: 'KEY',
    }),
    'dry-run': Flags.boolean({ description: 'Read everything, write nothing, and say what would be done.' }),
  }

  async run(): Promise<AutheliaImport & { source: string; target: string; dryRun: boolean }> {
    const { flags } = await this.parse(ImportAuthelia)
    const { config } = this.load(flags)
    const { path: target, autheliaPath } = locateStorage(config.storage.path)
    const source = flags.source ?? sourceOf(config, autheliaPath)
    const from = { sourcePath: source, encryptionKey: flags['encryption-key'] ?? config.storage.encryptionKey }
    const dryRun = flags['dry-run'] === true
    // Ours is opened with the key of the configuration, whatever Authelia's was.
    const { 'encryption-key': _theirs, ...ours } = flags
    // A dry run makes no database where there is none.
    const isThere = detectDatabase(target) === 'latchkey'
    const result =
      dryRun && !isThere
        ? await importAuthelia({ ...from, target: { dryRun, storage: undefined } })
        : await this.withStorage(ours, (storage) => importAuthelia({ ...from, target: { dryRun, storage } }))
    this.log(report(result, source, target, dryRun))
    return { source, target, dryRun, ...result }
  }
}

/** @throws Fault `import-source` */
function sourceOf({ storage }: Config, autheliaPath: string | undefined): string {
  if (autheliaPath !== undefined) return autheliaPath
  throw new Fault('import-source', `storage.local.path is ${storage.path}, which is no database of Authelia's.`, {
    hint: 'Say where it is with --source.',
    exitCode: 2,
  })
}

function report({ totp, preferences, left }: AutheliaImport, source: string, target: string, dryRun: boolean): string {
  const line = (what: string, { imported, kept }: AutheliaImport['totp']): string[] => [
    `  ${what}: ${listed(imported, dryRun ? 'would come over' : 'came over')}`,
    ...(kept.length > 0 ? [`  ${what}: ${listed(kept, 'here already, kept as they are')}`] : []),
  ]
  const later = left.map(
    ({ table, rows }) => `  ${table}: ${rows} not brought over; Latchkey has no place for them yet`,
  )
  return [
    `${source} → ${target}${dryRun ? ' (dry run: nothing is written)' : ''}`,
    ...line('one-time-code devices', totp),
    ...line('preferences', preferences),
    ...later,
  ].join('\n')
}

const listed = (names: readonly string[], what: string): string =>
  `${names.length} ${what}${names.length > 0 ? ` (${names.map(visible).join(', ')})` : ''}`
