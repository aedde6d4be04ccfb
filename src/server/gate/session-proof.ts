// Who a session cookie proves somebody to be. The session knows a name and a level; everything else the directory says, now.
import type { User } from '../../directory/directory.ts'
import type { HeaderLines } from '../../forwarded/header-lines.ts'
import { sessionCookies } from '../../session/cookie.ts'
import type { SessionReader, SessionRecord } from '../../session/session.ts'
import { all, andThen, isPromise, type Maybe } from './maybe-promise.ts'
import { personOf } from './person.ts'
import { NOTHING, type Proof } from './proof.ts'
import type { GateDomain, GateSnapshot } from './snapshot.ts'

/** More cookies of one name than anybody but an attacker has. */
const MAX_TRIED = 8

/** With a Session-Username line the session counts only when it is that user's. */
export function proveBySession(
  snapshot: GateSnapshot,
  sessions: SessionReader,
  domain: GateDomain,
  { cookie, sessionUsername }: HeaderLines,
): Maybe<Proof> {
  const found = sessionCookies(cookie, domain.session.name)
  if (found.kind === 'none') return NOTHING
  const record =
    found.kind === 'one' ? sessions.identify(domain.session, found.value) : onlyOne(sessions, domain, found.values)
  return isPromise(record)
    ? record.then((session) => proofOf(snapshot, session, domain, sessionUsername))
    : proofOf(snapshot, record, domain, sessionUsername)
}

function proofOf(
  snapshot: GateSnapshot,
  session: SessionRecord | undefined,
  domain: GateDomain,
  expectedUsername: string | undefined,
): Maybe<Proof> {
  if (session === undefined || !isPlausible(session, domain)) return NOTHING
  if (expectedUsername !== undefined && !sameName(expectedUsername, session.username)) return NOTHING
  const { directory } = snapshot
  const { memo } = session
  if (memo instanceof Known && memo.directory === directory && memo.proof.level === session.level) return memo.proof
  const user = directory.find(session.username)
  if (isPromise(user)) return user.then((late) => proofOfUser(late, session))
  const proof = proofOfUser(user, session)
  if (proof.kind === 'user') session.memo = new Known(directory, proof)
  return proof
}

/** What was proven by a record. It holds as long as the directory is the same: one that answers at once doesn't change, it is replaced. */
class Known {
  readonly directory: GateSnapshot['directory']
  readonly proof: Proof & { kind: 'user' }

  constructor(directory: GateSnapshot['directory'], proof: Proof & { kind: 'user' }) {
    this.directory = directory
    this.proof = proof
  }
}

/** Nothing of somebody deleted or disabled, nor of somebody else under a name that the directory folds. */
function proofOfUser(user: User | undefined, { username, level }: SessionRecord): Proof {
  return user === undefined || user.username !== username ? NOTHING : { kind: 'user', person: personOf(user), level }
}

/** Several cookies of one name: a sibling host has set one (cookie tossing). The order says nothing; one live session among them counts, two don't. */
function onlyOne(
  sessions: SessionReader,
  { session: domain }: GateDomain,
  values: readonly string[],
): Maybe<SessionRecord | undefined> {
  if (values.length > MAX_TRIED) return undefined
  const tried = all(values.map((value) => sessions.identify(domain, value, { touch: false })))
  return andThen(tried, (records) => {
    const live = values.filter((_, i) => records[i] !== undefined)
    return live.length === 1 && live[0] !== undefined ? sessions.identify(domain, live[0]) : undefined
  })
}

/** What a store hands out is believed only when it can be true. */
const isPlausible = ({ username, level, domain }: SessionRecord, expected: GateDomain): boolean =>
  typeof username === 'string' && username !== '' && (level === 1 || level === 2) && domain === expected.session.domain

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
