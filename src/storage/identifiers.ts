// The table user_identifiers: what a user is called towards a service that isn't to know who it is.
import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from './database-file.ts'
import type { ToDisk } from './to-disk.ts'

/** A name that stands for a user towards one service, and in it one sector, without telling who it is (OpenID Connect Core §8). */
export interface UserIdentifier {
  readonly service: string
  /** '' for all that have no sector of their own. */
  readonly sectorId: string
  readonly username: string
  /** UUID, version 4. */
  readonly identifier: string
}

export interface IdentifiersRepository {
  list(): Promise<readonly UserIdentifier[]>
  /** All of them or none: returns those that stand in the way, because the user has one there already or the identifier is in use. */
  add(identifiers: readonly UserIdentifier[]): Promise<readonly UserIdentifier[]>
}

export function createIdentifiers(database: DatabaseSync, toDisk: ToDisk): IdentifiersRepository {
  return {
    async list() {
      return database
        .prepare('SELECT * FROM user_identifiers ORDER BY username, service, sector_id')
        .all()
        .map((row) => ({
          service: String(row['service']),
          sectorId: String(row['sector_id']),
          username: String(row['username']),
          identifier: String(row['identifier']),
        }))
    },

    async add(identifiers) {
      const refused = inTransaction(database, () => {
        const insert = database.prepare('INSERT INTO user_identifiers VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING')
        const added: UserIdentifier[] = []
        const inTheWay: UserIdentifier[] = []
        for (const row of identifiers) {
          const { changes } = insert.run(row.service, row.sectorId, row.username, row.identifier)
          if (changes === 1) added.push(row)
          else inTheWay.push(row)
        }
        const remove = database.prepare('DELETE FROM user_identifiers WHERE identifier = ?')
        if (inTheWay.length > 0) for (const { identifier } of added) remove.run(identifier)
        return inTheWay
      })
      await toDisk()
      return refused
    },
  }
}
