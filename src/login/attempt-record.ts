// One line of the attempts table and of the log for every attempt. Neither holds what was typed as a name: it may be a password in the wrong field.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { AttemptRow, AttemptsRepository } from '../storage/storage.ts'
import type { Attempt, RefusalReason } from './login.ts'
import { countedAddress } from './regulation.ts'

/** Longest address of an application that is kept. */
const MAX_URI = 2048

export interface AttemptResult {
  readonly kind: AttemptRow['kind']
  /** Canonical name; '' when unknown. */
  readonly username: string
  /** undefined: accepted. */
  readonly refused: RefusalReason | undefined
}

export type RecordAttempt = (attempt: Attempt, result: AttemptResult) => Promise<void>

/** Resolves when the attempt is stored; an attempt that can't be stored is an error, never a success that nobody counted. */
export function createAttemptRecord(deps: {
  readonly attempts: AttemptsRepository
  readonly clock: Clock
  readonly log: Logger
}): RecordAttempt {
  const { attempts, clock, log } = deps
  return async (attempt, { kind, username, refused }) => {
    const fields = { username, from: attempt.from, factor: kind }
    if (refused === undefined) log.info(fields, 'sign-in attempt succeeded')
    else log.warn({ ...fields, reason: refused }, 'sign-in attempt refused')
    await attempts.add({
      time: clock.now(),
      successful: refused === undefined,
      banned: refused === 'banned-user' || refused === 'banned-address',
      username,
      kind,
      // bans count an IPv6 address as its /64, so that is what is stored; the log has the whole one
      remoteAddress: countedAddress(attempt.from),
      requestUri: withoutQuery(attempt.requestUri ?? ''),
      requestMethod: (attempt.requestMethod ?? '').slice(0, 32),
    })
  }
}

/** Queries of applications carry tokens; they are nobody's business here. */
const withoutQuery = (uri: string): string => (/^[^?#]*/.exec(uri)?.[0] ?? '').slice(0, MAX_URI)
