// What was given for a short while, or for once, must not live again with a backup: codes and links that were used or taken back since, trust in a
// browser that was withdrawn. What was set up (passkeys, one-time codes, recovery codes) comes back as it was.
import { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../storage/database-file.ts'

/** Tables with nothing but such grants, and mails that carry them. */
const SHORT_LIVED = ['one_time_codes', 'reset_tokens', 'webauthn_challenges', 'mails']

export interface EndedGrants {
  /** Browsers that were trusted. */
  readonly browsers: number
  /** Recovery codes that were used after the backup was made. */
  readonly recoveryCodes: number
}

/**
 * @param path a copy of storage that nobody else uses; of any version
 * @param replaced the storage in whose place it is put: it knows which recovery codes were used meanwhile. undefined where there is none that can be read
 */
export function endGrants(path: string, replaced: string | undefined): EndedGrants {
  const database = new DatabaseSync(path)
  try {
    return inTransaction(database, () => {
      const has = hasTable(database)
      for (const table of SHORT_LIVED) if (has(table)) database.exec(`DELETE FROM ${table}`)
      const browsers = has('browsers')
        ? database
            .prepare('UPDATE browsers SET trusted_until = NULL, trust_stamp = NULL WHERE trusted_until IS NOT NULL')
            .run().changes
        : 0
      const recoveryCodes =
        has('recovery_codes') && replaced !== undefined ? endUsedCodes(database, usedCodes(replaced)) : 0
      return { browsers: Number(browsers), recoveryCodes }
    })
  } finally {
    database.close()
  }
}

const hasTable = (database: DatabaseSync) => {
  const known = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
  return (name: string): boolean => known.get(name) !== undefined
}

interface UsedCode {
  readonly username: string
  readonly hash: string
  readonly usedAt: number
}

/** Nothing when it can't be read: then it is replaced because of that. */
function usedCodes(path: string): readonly UsedCode[] {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true })
    const rows = database.prepare('SELECT username, hash, used_at FROM recovery_codes WHERE used_at IS NOT NULL').all()
    return rows.map((row) => ({
      username: String(row['username']),
      hash: String(row['hash']),
      usedAt: Number(row['used_at']),
    }))
  } catch {
    return []
  } finally {
    database?.close()
  }
}

/** Each hash is made with a key of its set, so that equal hashes are the same code of the same set. */
function endUsedCodes(database: DatabaseSync, used: readonly UsedCode[]): number {
  const end = database.prepare(
    'UPDATE recovery_codes SET used_at = ? WHERE username = ? AND hash = ? AND used_at IS NULL',
  )
  return used.reduce((sum, { username, hash, usedAt }) => sum + Number(end.run(usedAt, username, hash).changes), 0)
}
