// latchkey storage encryption check: whether the configured key is the one that the database was written with; the database is only read.
import { Flags } from '@oclif/core'
import { StorageCommand, storageFlags } from '../../../cli/storage/storage-command.ts'
import { visible } from '../../../cli/terminal/table.ts'
import { checkSealed, judgeKey, type SealedTable, storageKey } from '../../../storage/encryption.ts'
import { inspectExisting } from '../../../storage/inspect-database.ts'

export interface EncryptionCheck {
  readonly valid: boolean
  readonly key: 'valid' | 'invalid' | 'absent'
  /** With --verbose. */
  readonly tables?: readonly SealedTable[]
}

export default class StorageEncryptionCheck extends StorageCommand {
  static override description =
    'Check the encryption key against the database. Exit code 0: it fits; 1: it does not, or with --verbose some secret does not open with it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --verbose',
    '<%= config.bin %> <%= command.id %> --verbose --encryption-key b3453fde-ecc2-4a1f-9422-2707ddbed495',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    verbose: Flags.boolean({ description: 'Open every encrypted value in every table.' }),
  }

  async run(): Promise<EncryptionCheck> {
    const { flags } = await this.parse(StorageEncryptionCheck)
    const { path, encryptionKey } = this.place(flags)
    const key = storageKey(encryptionKey)
    const found = inspectExisting(path, (database) => ({
      key: judgeKey(database, key),
      tables: flags.verbose ? checkSealed(database, key) : undefined,
    }))
    const broken = found.tables?.some(({ invalid }) => invalid.length > 0) === true
    const valid = found.key !== 'invalid' && !broken
    this.log(`Storage Encryption Key Validation: ${valid ? 'SUCCESS' : 'FAILURE'}`)
    if (!valid) this.log(`\n\tCause: ${found.key === 'invalid' ? WRONG_KEY : DAMAGED}`)
    if (found.tables) this.log(`\nTables:\n\n${found.tables.map(describe).join('\n\n')}`)
    if (!valid) process.exitCode = 1
    return { valid, key: found.key, ...(found.tables && { tables: found.tables }) }
  }
}

const WRONG_KEY =
  'the configured encryption key is not the one that the database was written with. `storage encryption change-key` changes it in the database; the configuration alone does not.'
const DAMAGED =
  'the key fits, but some values do not open with it: they were moved or changed. Restore a backup, or delete them.'

function describe({ table, rows, invalid }: SealedTable): string {
  const verdict = rows === 0 ? 'N/A' : invalid.length > 0 ? 'FAILURE' : 'SUCCESS'
  const which = invalid.length > 0 ? ` (${invalid.map(visible).join(', ')})` : ''
  return `\tTable (${table}): ${verdict}\n\t\tInvalid Rows: ${invalid.length}${which}\n\t\tTotal Rows: ${rows}`
}
