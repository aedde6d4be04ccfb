// What a server opens once and keeps whatever the configuration becomes: storage, sessions, hashing queue, login.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Audit } from '../audit/audit.ts'
import { createTrail, type Trail } from '../audit/trail.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { deriveKey } from '../base/secret.ts'
import type { Config } from '../config/config.ts'
import type { Directory } from '../directory/directory.ts'
import type { FileDirectory } from '../directory/file-directory.ts'
import type { HashQueue } from '../directory/hash-queue.ts'
import { createAttemptRecord } from '../login/attempt-record.ts'
import { createLogin } from '../login/create-login.ts'
import { createDuo } from '../login/duo/create-duo.ts'
import type { Duo } from '../login/duo/duo.ts'
import { createDuoApi } from '../login/duo/duo-api.ts'
import { createElevationCodes, type ElevationCodes } from '../login/elevation-codes.ts'
import type { Login } from '../login/login.ts'
import { type ChangePassword, createPasswordChange } from '../login/password-change.ts'
import { createPasswordReset, type PasswordReset, resetKey } from '../login/password-reset.ts'
import type { EndWithPassword } from '../login/password-store.ts'
import { stepOfCode } from '../login/totp-code.ts'
import type { Mailer } from '../notify/mailer.ts'
import { openSessions, type Sessions, sessionsPath } from '../session/open-sessions.ts'
import { type OpenStorage, openStorage } from '../storage/open-storage.ts'
import { createPasswordStore } from './password-store.ts'

export interface Services {
  readonly storage: OpenStorage
  readonly sessions: Sessions
  readonly hashing: HashQueue
  readonly audit: Trail
  close(): Promise<void>
}

/** What sessions are sealed and signed with. */
export const sessionSecret = ({ session, storage }: Config): string => session.secret ?? storage.encryptionKey

/**
 * Opens everything or nothing.
 * @param hashing is closed with the rest
 * @throws the Faults of openStorage and openSessions
 */
export async function openServices(config: Config, hashing: HashQueue, clock: Clock, log: Logger): Promise<Services> {
  const storage = await openStorage({ ...config.storage, clock, exclusive: true })
  try {
    const sessions = await openSessions({
      path: sessionsPath(storage.path),
      secret: sessionSecret(config),
      clock,
      log,
    })
    const audit = createTrail({ events: storage.events, clock, log })
    return {
      storage,
      sessions,
      hashing,
      audit,
      async close() {
        hashing.close()
        await audit.flush()
        try {
          await sessions.close()
        } finally {
          await storage.close()
        }
      },
    }
  } catch (error) {
    await storage.close()
    throw error
  }
}

/** The one login of the server, for portal and gate alike; settings and users are those of the snapshot at each attempt. */
export function openLogin(
  { storage, audit }: Services,
  current: () => { readonly config: Config; readonly directory: Directory },
  clock: Clock,
  log: Logger,
): Login {
  return createLogin({
    directory: () => current().directory,
    regulation: () => current().config.regulation,
    totp: () => current().config.totp,
    storage,
    audit,
    clock,
    log,
    random: randomBytes,
    stepOf: stepOfCode,
  })
}

/** What setting passwords is done with, by mail and by whoever knows the old one. */
export function openPasswords(
  { storage, sessions, hashing }: Services,
  { audit, mailer }: Tellers,
  login: Login,
  current: () => { readonly config: Config; readonly directory: FileDirectory },
  reload: (username: string) => Promise<unknown>,
  clock: Clock,
  log: Logger,
): { readonly resets: PasswordReset; readonly changePassword: ChangePassword } {
  const directory = () => current().directory
  const store = createPasswordStore({ current, hashing, reload, log })
  const endWithPassword: EndWithPassword = async (username, from, keep) => {
    const ended = await sessions.revokeUser(username, keep)
    if (ended > 0)
      await audit.record({
        kind: 'sessions-ended',
        username,
        from,
        session: keep?.key,
        subject: String(ended),
        reason: 'password',
      })
    await storage.browsers.distrust(username)
    await storage.codes.endAll(username, clock.now())
    await storage.resets.endAll(username, clock.now())
  }
  const shared = { directory, store, endWithPassword, audit, mailer, clock }
  return {
    changePassword: createPasswordChange({ ...shared, login }),
    resets: createPasswordReset({
      ...shared,
      settings: () => current().config.identityValidation.resetPassword,
      resets: storage.resets,
      attempts: storage.proofAttempts,
      log,
      random: randomBytes,
      key: () => resetKey(current().config.storage.encryptionKey),
    }),
  }
}

/** The one Duo of the server: pushes that are out must be known to whoever asks, whatever the configuration becomes. */
export function openDuo(
  { storage }: Services,
  current: () => { readonly config: Config },
  audit: Audit,
  clock: Clock,
  log: Logger,
): Duo {
  return createDuo({
    settings: () => current().config.duo,
    openApi: (account) => createDuoApi(account, clock),
    devices: storage.duo,
    record: createAttemptRecord({ attempts: storage.attempts, audit, clock }),
    audit,
    clock,
    log,
    wait: (milliseconds) => sleep(milliseconds),
  })
}

/** What is told of security events, and by mail. */
export interface Tellers {
  readonly audit: Audit
  readonly mailer: Mailer
}

export function openElevation(
  { storage }: Services,
  { audit, mailer }: Tellers,
  current: () => { readonly config: Config },
  clock: Clock,
): ElevationCodes {
  return createElevationCodes({
    codes: storage.codes,
    attempts: storage.proofAttempts,
    mailer,
    audit,
    clock,
    random: randomBytes,
    key: () => deriveKey(current().config.storage.encryptionKey, 'latchkey/login/one-time-codes'),
  })
}
