// What is wrong with a question that can't be answered. The reasons go to the log; from outside they all look alike.

export type MalformedReason =
  | 'untrusted-peer'
  | 'repeated-header'
  | 'header-alias'
  | 'client-address'
  | 'method'
  | 'scheme'
  | 'host'
  | 'path'
  | 'target-missing'
  | 'foreign-host'
  | 'portal-address'
  | 'no-portal'

export interface Malformed {
  readonly kind: 'malformed'
  readonly reason: MalformedReason
}

const known = new Map<MalformedReason, Malformed>()

export function malformed(reason: MalformedReason): Malformed {
  let one = known.get(reason)
  if (one === undefined) {
    one = Object.freeze({ kind: 'malformed', reason })
    known.set(reason, one)
  }
  return one
}

export const isMalformed = (result: object): result is Malformed => 'kind' in result && result.kind === 'malformed'
