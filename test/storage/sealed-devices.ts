// Many one-time-code devices at once, for tests of what works on all of them.
import type { DatabaseSync } from 'node:sqlite'
import { seal } from '../../src/base/secret.ts'
import { sealedPlace, storageKey } from '../../src/storage/encryption.ts'

export function sealed(database: DatabaseSync, encryptionKey: string, count: number): void {
  const key = storageKey(encryptionKey)
  const insert = database.prepare(
    "INSERT INTO totp_configurations VALUES (?, 'x', 'SHA1', 6, 30, ?, 1, NULL, NULL) ON CONFLICT DO NOTHING",
  )
  for (let i = 0; i < count; i++) {
    const name = `many-${i}`
    insert.run(name, seal(key, Buffer.from(name), sealedPlace('totp_configurations', 'secret', name)))
  }
}
