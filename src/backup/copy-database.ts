// One consistent copy of a database that others may be writing to, and whether a copy is whole. Knows no file format but SQLite's.
import { chmodSync, closeSync, fsyncSync, openSync, statSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { Fault } from '../base/fault.ts'
import { SESSIONS_APPLICATION_ID, SESSIONS_MIGRATIONS } from '../session/session-rows.ts'
import { asFault, createFile, pragma } from '../storage/database-file.ts'
import { judgeKey } from '../storage/encryption.ts'
import { STORAGE_APPLICATION_ID, STORAGE_MIGRATIONS } from '../storage/migrations.ts'

export type Part = 'storage' | 'sessions'

const EXPECTED = {
  storage: { applicationId: STORAGE_APPLICATION_ID, newest: STORAGE_MIGRATIONS.length },
  sessions: { applicationId: SESSIONS_APPLICATION_ID, newest: SESSIONS_MIGRATIONS.length },
} as const
/** Pages a step; between steps others get a turn. */
const RATE = 1000

/**
 * Copies by SQLite's online backup. A read transaction holds the state still, so that a writer can't make it start over.
 * @param target doesn't exist; afterwards it is one file, without companions, that only its owner may read
 * @throws what SQLite says as a Fault
 */
export async function copyDatabase(
  source: string,
  target: string,
  tell: (done: number, total: number) => void,
): Promise<void> {
  let from: DatabaseSync | undefined
  try {
    from = new DatabaseSync(source, { timeout: 5000 })
    from.exec('BEGIN; SELECT count(*) FROM sqlite_master')
    createFile(target)
    const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }): void =>
      tell(totalPages - remainingPages, totalPages)
    await backup(from, target, { rate: RATE, progress })
    const pages = pragma(from, 'page_count')
    tell(pages, pages)
    from.exec('ROLLBACK')
  } catch (error) {
    throw asFault(named(error), source)
  } finally {
    from?.close()
  }
  // Out of WAL: whoever looks at the copy makes no files beside it.
  const copy = new DatabaseSync(target)
  try {
    copy.exec('PRAGMA journal_mode = DELETE')
  } catch (error) {
    throw asFault(error, target)
  } finally {
    copy.close()
  }
  chmodSync(target, 0o600)
  const file = openSync(target, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** The promise of `backup` rejects with its result code in `errcode` or in its message only. */
function named(error: unknown): unknown {
  if (!(error instanceof Error) || 'errcode' in error) return error
  if (/full/i.test(error.message)) return Object.assign(error, { errcode: 13 })
  return /unable to open|readonly|disk I\/O/i.test(error.message) ? Object.assign(error, { errcode: 14 }) : error
}

/**
 * Whether a copy is whole, of the right kind, of a version we know, and of our key.
 * @param key of storage; of sessions nothing is asked, since a session of another secret is simply dead
 * @returns its schema version
 * @throws Fault `backup-damaged`, `database-newer`, `encryption-key`
 */
export function checkCopy(part: Part, path: string, key: Buffer): number {
  const damaged = (why: string, cause?: unknown): Fault =>
    new Fault('backup-damaged', `The copy of ${part} is damaged: ${why}.`, { hint: 'It is not used.', cause })
  if (statSync(path).size === 0) throw damaged('it is empty')
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    const finding = Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})[0]
    if (finding !== 'ok') throw damaged(String(finding).split('\n')[0] ?? '')
    if (pragma(database, 'application_id') !== EXPECTED[part].applicationId)
      throw damaged(`it is no database of Latchkey's ${part}`)
    const version = pragma(database, 'user_version')
    if (version > EXPECTED[part].newest) {
      throw new Fault(
        'database-newer',
        `The copy of ${part} has version ${version}; this Latchkey knows ${EXPECTED[part].newest}.`,
        {
          hint: 'Use the Latchkey that made it, or a newer one.',
        },
      )
    }
    if (part === 'storage' && version > 0 && judgeKey(database, key) === 'invalid') {
      throw new Fault('encryption-key', 'storage.encryption_key is not the key that the database was written with.', {
        hint: 'Put the key into the configuration that belongs to it, or give it with --encryption-key.',
      })
    }
    return version
  } catch (error) {
    if (error instanceof Fault) throw error
    throw damaged(error instanceof Error ? error.message : String(error), error)
  } finally {
    database?.close()
  }
}
