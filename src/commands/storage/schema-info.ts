// latchkey storage schema-info: what lies in the database, without changing anything in it.
import { StorageCommand, storageFlags } from '../../cli/storage/storage-command.ts'
import { storageKey } from '../../storage/encryption.ts'
import { readSchema, type SchemaInfo } from '../../storage/inspect-database.ts'

const KEY = { valid: 'valid', invalid: 'invalid', absent: 'nothing is encrypted yet' } as const

export default class StorageSchemaInfo extends StorageCommand {
  static override description =
    'Show the version of the database, its tables, and whether the encryption key fits. The database is only read.'
  static override examples = ['<%= config.bin %> <%= command.id %> --config configuration.yml']
  static override enableJsonFlag = true
  static override flags = storageFlags

  async run(): Promise<SchemaInfo> {
    const { flags } = await this.parse(StorageSchemaInfo)
    const { path, encryptionKey } = this.place(flags)
    const info = readSchema(path, storageKey(encryptionKey))
    const isThere = info.version > 0
    this.log(`Database: ${info.path}`)
    this.log(`Schema Version: ${isThere ? info.version : 'N/A'}`)
    this.log(`Schema Upgrade Available: ${info.version < info.newest ? `yes - version ${info.newest}` : 'no'}`)
    this.log(`Schema Tables: ${isThere ? info.tables.join(', ') : 'N/A'}`)
    this.log(`Schema Encryption Key: ${KEY[info.encryptionKey]}`)
    return info
  }
}
