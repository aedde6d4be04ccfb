// The part of connect-sqlite3 that is used here; the package brings no types.
declare module 'connect-sqlite3' {
  import type session from 'express-session'

  type Done = (error: Error | null, rows?: unknown) => void
  /** What it asks of a connection (the API of node-sqlite3). */
  export interface CallbackConnection {
    exec(sql: string, done: Done): void
    run(sql: string, parameters: readonly unknown[], done?: Done): void
    get(sql: string, parameters: readonly unknown[], done: Done): void
    all(sql: string, parameters: readonly unknown[] | Done, done?: Done): void
  }
  export default function connect(
    module: typeof session,
  ): new (options: {
    readonly db: CallbackConnection
    readonly table: string
  }) => session.Store
}
