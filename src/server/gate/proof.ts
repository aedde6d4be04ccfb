// What one strategy made of a request.
import type { Person } from './person.ts'

export type Proof =
  /** Nothing was presented, or nothing this strategy looks at. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'user'; readonly person: Person; readonly level: 1 | 2 }
  /** Credentials were presented and don't hold. */
  | { readonly kind: 'failed' }

export const NOTHING: Proof = { kind: 'nothing' }
export const FAILED: Proof = { kind: 'failed' }
