// A Fault is something an operator can fix. Everything else that is thrown is a bug; expected outcomes are returned values.

/** Exit codes of the CLI: 1 answered "no", 2 used wrongly, 3 cannot. */
export type ExitCode = 1 | 2 | 3

export interface FaultDetails {
  /** What to try next, one sentence. */
  readonly hint?: string
  readonly exitCode?: ExitCode
  readonly cause?: unknown
}

/** The server runs from a bundle (scripts/build.ts), so there may be two of this class in one process; both know each other's faults. */
const BRAND = Symbol.for('latchkey.fault')

export class Fault extends Error {
  static override [Symbol.hasInstance](value: unknown): value is Fault {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  readonly [BRAND] = true
  readonly code: string
  readonly hint: string | undefined
  readonly exitCode: ExitCode

  /** @param code a stable kebab-case name that is listed in docs/reference/faults.md, e.g. `storage-locked` */
  constructor(code: string, message: string, details: FaultDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'Fault'
    this.code = code
    this.hint = details.hint
    this.exitCode = details.exitCode ?? 3
  }
}
