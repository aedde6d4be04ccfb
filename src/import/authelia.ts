// Brings one-time-code devices and preferences from Authelia's SQLite database into ours. The source is opened read-only and never written.
import { createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { detectDatabase, openForReading } from '../storage/detect-database.ts'
import type { Storage, TotpConfiguration } from '../storage/storage.ts'

export interface AutheliaImportOptions {
  /** Authelia's database file. */
  readonly sourcePath: string
  /** `storage.encryption_key` that Authelia runs with; as a rule ours is the same. */
  readonly encryptionKey: string
  /** Where it goes. In a dry run it is only asked, and may be missing: nothing is there yet. */
  readonly target:
    | { readonly dryRun: false; readonly storage: Target }
    | { readonly dryRun: true; readonly storage: Target | undefined }
}

type Target = Pick<Storage, 'totp' | 'preferences'>

export interface AutheliaImport {
  readonly schemaVersion: number
  /** User names, in the order of the source. */
  readonly totp: { readonly imported: readonly string[]; readonly kept: readonly string[] }
  readonly preferences: { readonly imported: readonly string[]; readonly kept: readonly string[] }
  /** Tables with rows that this Latchkey has no use for yet, with their number. */
  readonly left: readonly { readonly table: string; readonly rows: number }[]
}

/** The schema that this was written for; a later one may have changed its meaning. */
const NEWEST_KNOWN_SCHEMA = 26
/** From these on the key is derived by HKDF, and values are bound to table and column, then also to the row. Before: SHA-256 and no binding. */
const SCHEMA_WITH_HKDF = 25
const SCHEMA_WITH_ROW = 26
const LEFT_TABLES = [
  'webauthn_credentials',
  'duo_devices',
  'banned_user',
  'banned_ip',
  'user_opaque_identifier',
] as const

/**
 * What our storage already has of a user stays: an import can be repeated, and never undoes what happened here since.
 * @throws Fault `authelia-database` (not one, too old, too new), `authelia-encryption-key`
 */
export async function importAuthelia(options: AutheliaImportOptions): Promise<AutheliaImport> {
  const source = openSource(options.sourcePath)
  try {
    const schemaVersion = readSchemaVersion(source, options.sourcePath)
    const decrypt = createDecrypt(options.encryptionKey, schemaVersion)
    checkKey(source, decrypt, options.sourcePath)
    return {
      schemaVersion,
      totp: await importTotp(source, decrypt, options),
      preferences: await importPreferences(source, options),
      left: countLeft(source),
    }
  } finally {
    source.close()
  }
}

type Decrypt = (sealed: Uint8Array, table: string, column: string, row: string) => Buffer | undefined
type Row = Readonly<Record<string, SQLOutputValue>>

function openSource(path: string): DatabaseSync {
  const kind = detectDatabase(path)
  if (kind === 'authelia') return openForReading(path)
  const what = kind === 'missing' ? 'does not exist' : kind === 'latchkey' ? "is Latchkey's own" : "is not Authelia's"
  throw new Fault('authelia-database', `The database ${path} ${what}.`, {
    hint: 'Name the file that storage.local.path of the Authelia configuration names.',
  })
}

function readSchemaVersion(source: DatabaseSync, path: string): number {
  const hasMigrations = source.prepare("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").get()
  const row =
    hasMigrations && source.prepare('SELECT version_after AS v FROM migrations ORDER BY id DESC LIMIT 1').get()
  const version = Number(row?.['v'] ?? 0)
  if (version < 1) {
    throw new Fault('authelia-database', `${path} was written by an Authelia before 4.33.`, {
      hint: 'Start a newer Authelia on a copy of it once, which brings it up to date, and import that.',
    })
  }
  if (version > NEWEST_KNOWN_SCHEMA) {
    throw new Fault(
      'authelia-database',
      `${path} has schema ${version}; known are those up to ${NEWEST_KNOWN_SCHEMA}.`,
      {
        hint: 'Look for a newer Latchkey.',
      },
    )
  }
  return version
}

/** AES-256-GCM: 12-byte nonce, ciphertext, 16-byte tag. */
function createDecrypt(encryptionKey: string, schemaVersion: number): Decrypt {
  const key =
    schemaVersion >= SCHEMA_WITH_HKDF
      ? Buffer.from(hkdfSync('sha256', encryptionKey, '', 'authelia:kdf:storage:encryption_key:v1', 32))
      : createHash('sha256').update(encryptionKey).digest()
  return (sealed, table, column, row) => {
    const bytes = Buffer.from(sealed)
    if (bytes.length < 28) return undefined
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
    const place = `authelia:storage:${table}:${column}`
    if (schemaVersion >= SCHEMA_WITH_ROW) decipher.setAAD(Buffer.from(`${place}:${row}`))
    else if (schemaVersion >= SCHEMA_WITH_HKDF) decipher.setAAD(Buffer.from(place))
    decipher.setAuthTag(bytes.subarray(-16))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    } catch {
      return undefined
    }
  }
}

function checkKey(source: DatabaseSync, decrypt: Decrypt, path: string): void {
  const row = source.prepare("SELECT value FROM encryption WHERE name = 'check'").get()
  if (row?.['value'] instanceof Uint8Array && decrypt(row['value'], 'encryption', 'value', 'check')) return
  throw new Fault('authelia-encryption-key', `The encryption key is not the one ${path} was written with.`, {
    hint: 'Give the storage.encryption_key of the Authelia configuration.',
  })
}

async function importTotp(
  source: DatabaseSync,
  decrypt: Decrypt,
  { target, sourcePath }: AutheliaImportOptions,
): Promise<AutheliaImport['totp']> {
  const imported: string[] = []
  const kept: string[] = []
  for (const row of source.prepare('SELECT * FROM totp_configurations ORDER BY id').all()) {
    const configuration = readTotp(row, decrypt, sourcePath)
    if (await target.storage?.totp.find(configuration.username)) {
      kept.push(configuration.username)
      continue
    }
    if (!target.dryRun) await saveTotp(target.storage, configuration)
    imported.push(configuration.username)
  }
  return { imported, kept }
}

/** A code that Authelia has accepted is used here too. */
async function saveTotp({ totp }: Target, configuration: TotpConfiguration): Promise<void> {
  const { username, createdAt, lastUsedAt, period } = configuration
  await totp.save(configuration)
  if (lastUsedAt === undefined) return
  await totp.consumeStep(username, createdAt, Math.floor(lastUsedAt / 1000 / period), lastUsedAt)
}

function readTotp(row: Row, decrypt: Decrypt, path: string): TotpConfiguration {
  const username = String(row['username'])
  const algorithm = String(row['algorithm'])
  const digits = Number(row['digits'])
  const period = Number(row['period'])
  const sealed = row['secret']
  const plain = sealed instanceof Uint8Array ? decrypt(sealed, 'totp_configurations', 'secret', username) : undefined
  const secret = plain && decodeBase32(plain.toString('latin1'))
  if (
    secret === undefined ||
    !(algorithm === 'SHA1' || algorithm === 'SHA256' || algorithm === 'SHA512') ||
    !(digits === 6 || digits === 8) ||
    !(Number.isInteger(period) && period > 0)
  ) {
    throw new Fault('authelia-database', `The one-time-code device of ${username} in ${path} can't be read.`, {
      hint: 'Look at it with `authelia storage user totp export uri`, or delete it there.',
    })
  }
  return {
    username,
    issuer: String(row['issuer'] ?? ''),
    algorithm,
    digits,
    period,
    secret,
    createdAt: readTime(row['created_at']) ?? 0,
    lastUsedAt: readTime(row['last_used_at']),
  }
}

/** `2026-11-24 03:53:44.835797858+00:00`, to the millisecond. */
function readTime(value: SQLOutputValue | undefined): number | undefined {
  if (typeof value !== 'string') return undefined
  const time = Date.parse(value.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1'))
  return Number.isNaN(time) ? undefined : time
}

/** RFC 4648 §6, with or without padding. */
function decodeBase32(text: string): Uint8Array | undefined {
  const digits = text.replace(/=+$/, '')
  if (digits === '' || !/^[A-Z2-7]+$/.test(digits)) return undefined
  const bytes: number[] = []
  let value = 0
  let bits = 0
  for (const digit of digits) {
    value = ((value << 5) | 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(digit)) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >> bits) & 0xff)
  }
  return Uint8Array.from(bytes)
}

async function importPreferences(
  source: DatabaseSync,
  { target }: AutheliaImportOptions,
): Promise<AutheliaImport['preferences']> {
  const imported: string[] = []
  const kept: string[] = []
  for (const row of source.prepare('SELECT username, second_factor_method FROM user_preferences ORDER BY id').all()) {
    const username = String(row['username'])
    if (await target.storage?.preferences.find(username)) {
      kept.push(username)
      continue
    }
    if (!target.dryRun) await target.storage.preferences.save(username, { method: String(row['second_factor_method']) })
    imported.push(username)
  }
  return { imported, kept }
}

function countLeft(source: DatabaseSync): AutheliaImport['left'] {
  const tables = new Set(
    source
      .prepare('SELECT name FROM sqlite_master')
      .all()
      .map((row) => row['name']),
  )
  return LEFT_TABLES.filter((table) => tables.has(table))
    .map((table) => ({ table, rows: Number(source.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows']) }))
    .filter(({ rows }) => rows > 0)
}
