// What an operator may do to the state of Latchkey, by name: a server runs it for whoever asks through its socket, a command runs it itself where
// no server runs. Parameters are unknown until read here; answers are plain data that survives JSON. "No" is an answer, never an error.
import type { Trail } from '../audit/trail.ts'
import type { Clock } from '../base/clock.ts'
import type { SessionAdmin } from '../session/session.ts'
import type { Storage } from '../storage/storage.ts'
import { listAttempts, pruneAttempts, statsOfAttempts } from './attempts.ts'
import { addBan, listBans, revokeBans } from './bans.ts'
import { listEvents, recordEvents } from './events.ts'
import { addIdentifiers, listIdentifiers } from './identifiers.ts'
import { addReset } from './resets.ts'
import { listFactors, resetFactors, saveRecoveryCodes } from './second-factors.ts'
import { listSessions, revokeSessions } from './sessions.ts'
import { deleteTotp, saveTotp } from './totp.ts'
import { deleteWebauthn, listWebauthn, saveWebauthn } from './webauthn.ts'

export interface AdminServices {
  readonly storage: Storage
  readonly sessions: SessionAdmin
  /** Every action that changes something records it, as done by a command. */
  readonly audit: Trail
  readonly clock: Clock
}

export type AdminAction = (services: AdminServices, params: unknown) => Promise<unknown>

/** Each throws the Fault `admin-parameters` for parameters that it doesn't understand. */
export const ACTIONS = {
  'sessions.list': listSessions,
  'sessions.revoke': revokeSessions,
  'bans.list': listBans,
  'bans.add': addBan,
  'bans.revoke': revokeBans,
  'attempts.list': listAttempts,
  'attempts.stats': statsOfAttempts,
  'attempts.prune': pruneAttempts,
  'events.list': listEvents,
  'events.record': recordEvents,
  'identifiers.list': listIdentifiers,
  'identifiers.add': addIdentifiers,
  'resets.add': addReset,
  'factors.list': listFactors,
  'factors.reset': resetFactors,
  'factors.save-recovery-codes': saveRecoveryCodes,
  'totp.save': saveTotp,
  'totp.delete': deleteTotp,
  'webauthn.list': listWebauthn,
  'webauthn.save': saveWebauthn,
  'webauthn.delete': deleteWebauthn,
} as const satisfies Record<string, AdminAction>

export type ActionName = keyof typeof ACTIONS
/** Those that work on sessions, which are a database of their own. */
export const needsSessions = (name: ActionName): boolean => name.startsWith('sessions.') || name === 'factors.reset'
export type ActionAnswer<Name extends ActionName> = Awaited<ReturnType<(typeof ACTIONS)[Name]>>
