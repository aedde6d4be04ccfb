// The operator's own tests of the access rules, as they are written: who asks for what, and what is to be demanded.
import type { Position } from '../../yaml/problem.ts'
import type { Decision, Requirement } from '../model.ts'

export interface CaseTable {
  readonly name: string
  /** Groups by name, for people who need not be in the directory; they come before those who are. */
  readonly people: ReadonlyMap<string, readonly string[]>
  readonly cases: readonly PolicyCase[]
  /** Where the table brings rules, networks or a default policy of its own. */
  readonly ownRules: Position | undefined
}

/** Every combination of who, url and method is asked, and all must be answered as wanted. */
export interface PolicyCase {
  readonly id: string
  /** `anon`, or a name; a digit behind it is the level (`john1`), which otherwise is 2. */
  readonly who: readonly string[]
  readonly url: readonly string[]
  readonly method: readonly string[]
  readonly ip: string
  /** Any of these; 'default' is that no rule matches. Empty: only the answer counts. */
  readonly want: readonly (Requirement | 'default')[]
  readonly answer: Decision['kind'] | undefined
  readonly position: Position
}
