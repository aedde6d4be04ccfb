// latchkey import authelia: brings accounts from Authelia's database into ours. The source is never written.
import { Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { configFlags } from '../../cli/config/config-command.ts'
import { StorageCommand } from '../../cli/storage/storage-command.ts'
import { createProgress, noProgress } from '../../cli/terminal/progress.ts'
import { table, visible } from '../../cli/terminal/table.ts'
import { recordEvents } from '../../cli/trail/record-events.ts'
import type { Config } from '../../config/config.ts'
import { type AutheliaImport, importAuthelia, PARTS, type PartName } from '../../import/authelia.ts'
import { detectDatabase } from '../../storage/detect-database.ts'
import { locateStorage } from '../../storage/open-storage.ts'

/** In the order they are told. */
const WORDS: Readonly<Record<PartName, string>> = {
  totp: 'one-time-code devices',
  handles: 'account ids of passkeys',
  passkeys: 'passkeys',
  duo: 'devices at Duo',
  preferences: 'preferences',
  identifiers: 'opaque identifiers',
}

export default class ImportAuthelia extends StorageCommand {
  static override description =
    "Bring accounts over from Authelia's SQLite database: one-time-code devices, passkeys and security keys, devices at Duo, preferences, opaque identifiers. It is only read, so that the way back stays open; what Latchkey has already is kept, so that this can be repeated. Stop Authelia first, so that nothing is missed."
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
    const progress = this.jsonEnabled() ? noProgress : createProgress('Importing')
    const encryptionKey = flags['encryption-key'] ?? config.storage.encryptionKey
    const from = { sourcePath: source, encryptionKey, tell: progress.at }
    const dryRun = flags['dry-run'] === true
    // Ours is opened with the key of the configuration, whatever Authelia's was.
    const { 'encryption-key': _theirs, ...ours } = flags
    // A dry run makes no database where there is none.
    const isThere = detectDatabase(target) === 'latchkey'
    const importing =
      dryRun && !isThere
        ? importAuthelia({ ...from, target: { dryRun, storage: undefined } })
        : this.withStorage(ours, (storage) => importAuthelia({ ...from, target: { dryRun, storage } }))
    const result = await importing.finally(progress.end)
    if (!dryRun)
      await recordEvents(
        config.storage,
        result.factors.map((factor) => ({ ...factor, kind: 'factor-added', reason: 'import' })),
      )
    this.log(
      [`${source} → ${target}${dryRun ? ' (dry run: nothing is written)' : ''}`, ...report(result, dryRun)].join('\n'),
    )
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

function report(result: AutheliaImport, dryRun: boolean): string[] {
  const later = result.left.map(
    ({ table, rows }) => `  ${table}: ${rows} not brought over; Latchkey has no place for them`,
  )
  if (dryRun) {
    const rows = PARTS.flatMap((part) => itemsOf(result, part))
    return [
      ...(rows.length > 0 ? [table(['What', 'Whose', 'What becomes of it'], rows)] : []),
      ...totals(result, true),
      ...later,
    ]
  }
  return [...totals(result, false), ...later]
}

function itemsOf(result: AutheliaImport, part: PartName): (readonly string[])[] {
  const { imported, kept, skipped } = result[part]
  return [
    ...imported.map((name) => [WORDS[part], name, 'would come over']),
    ...kept.map((name) => [WORDS[part], name, 'is here already, and is kept']),
    ...skipped.map(({ name, why }) => [WORDS[part], name, `would be left: ${why}`]),
  ]
}

const totals = (result: AutheliaImport, dryRun: boolean): string[] =>
  PARTS.flatMap((part) => {
    const { imported, kept, skipped } = result[part]
    const line = (text: string): string => `  ${WORDS[part]}: ${text}`
    return [
      line(listed(imported, dryRun ? 'would come over' : 'came over')),
      ...(kept.length > 0 ? [line(listed(kept, 'here already, kept as they are'))] : []),
      ...skipped.map(({ name, why }) => line(`${visible(name)} ${dryRun ? 'would be' : 'is'} left: ${visible(why)}`)),
    ]
  })

const listed = (names: readonly string[], what: string): string =>
  `${names.length} ${what}${names.length > 0 ? ` (${names.map(visible).join(', ')})` : ''}`
