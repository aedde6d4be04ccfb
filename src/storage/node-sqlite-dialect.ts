// Kysely over node:sqlite: each query is one synchronous statement in a turn of its own, and one that may write is over when it is on the disk. It has no
// transactions on purpose: kysely's are asynchronous, and on the one connection other statements would join them. What needs one is written as one
// statement, or with `inTransaction`.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { myTurn } from '../base/in-turn.ts'
import { statementCache } from './database-file.ts'
import type { ToDisk } from './to-disk.ts'

/** The connection stays its owner's, who closes it. */
export function nodeSqliteDialect(database: DatabaseSync, toDisk: ToDisk): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createDriver: () => createDriver(database, toDisk),
  }
}

function createDriver(database: DatabaseSync, toDisk: ToDisk): Driver {
  const statement = statementCache(database)
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      await myTurn()
      const prepared = statement(query.sql)
      const parameters = query.parameters as readonly SQLInputValue[]
      const mayWrite = query.query.kind !== 'SelectQueryNode'
      if (prepared.columns().length > 0) {
        const rows = prepared.all(...parameters) as R[]
        if (mayWrite) await toDisk()
        return { rows }
      }
      const { changes, lastInsertRowid } = prepared.run(...parameters)
      if (mayWrite) await toDisk()
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    },
    async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
      for (const row of database.prepare(query.sql).iterate(...(query.parameters as readonly SQLInputValue[]))) {
        yield { rows: [row as R] }
      }
    },
  }
  const noTransactions = async (): Promise<never> => {
    throw new Error('this dialect has no asynchronous transactions: write one statement, or use inTransaction')
  }
  return {
    init: async () => {},
    acquireConnection: async () => connection,
    releaseConnection: async () => {},
    beginTransaction: noTransactions,
    commitTransaction: noTransactions,
    rollbackTransaction: noTransactions,
    destroy: async () => {},
  }
}
