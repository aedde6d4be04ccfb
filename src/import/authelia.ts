// Brings accounts from Authelia's SQLite database into ours. The source is never written.
import type { Storage } from '../storage/storage.ts'
import { importDuoDevice, importIdentifier, importPreference } from './authelia-people.ts'
import { type AutheliaSource, openAuthelia, type Row } from './authelia-source.ts'
import { importTotp } from './authelia-totp.ts'
import { importHandle, importPasskey } from './authelia-webauthn.ts'
import { type Factor, type Outcome, type Part, partOf } from './part.ts'

export interface AutheliaImportOptions {
  /** Authelia's database file. */
  readonly sourcePath: string
  /** `storage.encryption_key` that Authelia runs with; as a rule ours is the same. */
  readonly encryptionKey: string
  /** Where it goes. In a dry run it is only asked, and may be missing: nothing is there yet. */
  readonly target:
    | { readonly dryRun: false; readonly storage: Target }
    | { readonly dryRun: true; readonly storage: Target | undefined }
  readonly tell?: (done: number, total: number) => void
}

type Target = Pick<Storage, 'totp' | 'webauthn' | 'duo' | 'preferences' | 'identifiers'>

export type PartName = 'totp' | 'handles' | 'passkeys' | 'duo' | 'preferences' | 'identifiers'

export interface AutheliaImport extends Readonly<Record<PartName, Part>> {
  readonly schemaVersion: number
  /** Those that came over. */
  readonly factors: readonly Factor[]
  /** Tables with rows that this Latchkey has no use for, with their number. */
  readonly left: readonly { readonly table: string; readonly rows: number }[]
}

/** In the order they are brought over. */
export const PARTS: readonly PartName[] = ['totp', 'handles', 'passkeys', 'duo', 'preferences', 'identifiers']
const TABLES: Readonly<Record<PartName, string>> = {
  totp: 'totp_configurations',
  handles: 'webauthn_users',
  passkeys: 'webauthn_credentials',
  duo: 'duo_devices',
  preferences: 'user_preferences',
  identifiers: 'user_opaque_identifier',
}
const LEFT_TABLES = ['banned_user', 'banned_ip'] as const

/**
 * What our storage already has of a user stays: an import can be repeated, and never undoes what happened here since.
 * @throws Fault `authelia-database` (not one, too old, too new, a row that can't be read), `authelia-encryption-key`
 */
export async function importAuthelia(options: AutheliaImportOptions): Promise<AutheliaImport> {
  const source = openAuthelia(options.sourcePath, options.encryptionKey)
  try {
    const { target } = options
    // Everything is read once before anything is written: a row that can't be read leaves nothing half done.
    if (!target.dryRun)
      await importFrom(source, { ...options, target: { dryRun: true, storage: target.storage }, tell: () => {} })
    return await importFrom(source, options)
  } finally {
    source.close()
  }
}

async function importFrom(
  source: AutheliaSource,
  { target: { storage, dryRun }, tell = () => {} }: AutheliaImportOptions,
): Promise<AutheliaImport> {
  const identifiers = (await storage?.identifiers.list()) ?? []
  const importers: Readonly<Record<PartName, (row: Row) => Promise<Outcome>>> = {
    totp: (row) => importTotp(row, source, storage, dryRun),
    handles: (row) => importHandle(row, storage, dryRun),
    passkeys: (row) => importPasskey(row, source, storage, dryRun),
    duo: (row) => importDuoDevice(row, storage, dryRun),
    preferences: (row) => importPreference(row, storage, dryRun),
    identifiers: (row) => importIdentifier(row, storage, identifiers, dryRun),
  }
  const rows = PARTS.map((name) => source.rows(TABLES[name]))
  const total = rows.reduce((sum, some) => sum + some.length, 0)
  let done = 0
  const parts: (readonly [PartName, Part])[] = []
  const factors: Factor[] = []
  for (const [at, name] of PARTS.entries()) {
    const outcomes: Outcome[] = []
    for (const row of rows[at] ?? []) {
      const outcome = await importers[name](row)
      outcomes.push(outcome)
      if (outcome.kind === 'imported' && outcome.factor) factors.push(outcome.factor)
      tell(++done, total)
    }
    parts.push([name, partOf(outcomes)])
  }
  return {
    schemaVersion: source.schemaVersion,
    factors,
    ...(Object.fromEntries(parts) as Record<PartName, Part>),
    left: LEFT_TABLES.map((table) => ({ table, rows: source.rows(table).length })).filter(({ rows }) => rows > 0),
  }
}
