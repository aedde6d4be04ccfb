// A node:sqlite connection in the callback style that connect-sqlite3 expects. Every callback has been called when the call returns.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { CallbackConnection } from 'connect-sqlite3'
import { statementCache } from '../storage/database-file.ts'

type Done = (error: Error | null, result?: unknown) => void

export function callbackConnection(database: DatabaseSync): CallbackConnection {
  const statement = statementCache(database)
  const answer = (done: Done | undefined, work: () => unknown): void => {
    let result: unknown
    try {
      result = work()
    } catch (error) {
      if (done === undefined) throw error
      done(error as Error)
      return
    }
    done?.(null, result)
  }
  return {
    exec: (sql, done) => answer(done, () => database.exec(sql)),
    // its daily clean-up may come after the connection was closed
    run: (sql, parameters, done) =>
      answer(done, () => database.isOpen && statement(sql).run(...(parameters as SQLInputValue[]))),
    get: (sql, parameters, done) => answer(done, () => statement(sql).get(...(parameters as SQLInputValue[]))),
    all(sql, parameters, done) {
      const bound = typeof parameters === 'function' ? [] : (parameters as SQLInputValue[])
      answer(typeof parameters === 'function' ? parameters : done, () => statement(sql).all(...bound))
    },
  }
}
