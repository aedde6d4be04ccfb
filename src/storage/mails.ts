// The table mails: messages that wait for a mail server and must outlast a crash. What they say is sealed; what is in them is their sender's matter.
import type { DatabaseSync } from 'node:sqlite'
import { open, seal } from '../base/secret.ts'
import { sealedPlace } from './encryption.ts'
import type { ToDisk } from './to-disk.ts'

/** A message that waits. */
export interface WaitingMail {
  readonly id: string
  /** After it nobody needs the message any more. */
  readonly usefulUntil: number
  /** Sealed at rest. */
  readonly content: Uint8Array
}

export interface MailsRepository {
  add(mail: WaitingMail): Promise<void>
  remove(id: string): Promise<void>
  /** What was to be sent soonest first; `content` is undefined where it doesn't open any more. */
  list(): Promise<readonly (Omit<WaitingMail, 'content'> & { readonly content: Uint8Array | undefined })[]>
}

const place = (id: string): string => sealedPlace('mails', 'content', id)

/** @param key of the purpose `latchkey/storage/columns` */
export function createMails(database: DatabaseSync, key: Buffer, toDisk: ToDisk): MailsRepository {
  return {
    async add({ id, usefulUntil, content }) {
      database.prepare('INSERT INTO mails VALUES (?, ?, ?)').run(id, usefulUntil, seal(key, content, place(id)))
      await toDisk()
    },

    async remove(id) {
      database.prepare('DELETE FROM mails WHERE id = ?').run(id)
      await toDisk()
    },

    async list() {
      return database
        .prepare('SELECT * FROM mails ORDER BY useful_until, id')
        .all()
        .map((row) => {
          const id = String(row['id'])
          const content = open(key, row['content'] as Uint8Array, place(id))
          return { id, usefulUntil: Number(row['useful_until']), content }
        })
    },
  }
}
