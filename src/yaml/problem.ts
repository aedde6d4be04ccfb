// What is wrong with something a person wrote, and where. Collected, never thrown.

export interface Position {
  /** Path as given on the command line, or the name of an environment variable written as `$NAME`. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

export interface Problem {
  readonly severity: 'error' | 'warning'
  /** Stable kebab-case name, e.g. `unknown-key`. */
  readonly code: string
  /** What is wrong and what was expected, one sentence. Never the value of a secret. */
  readonly message: string
  /** What to do, e.g. did-you-mean. */
  readonly hint?: string
  /** Key path as Authelia writes it: `session.cookies[0].domain`. */
  readonly path?: string
  readonly position?: Position
}
