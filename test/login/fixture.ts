// A login on fakes: still clock, storage in memory, a directory whose hashing can be held back, delays that are noted instead of waited for.
import { randomBytes } from 'node:crypto'
import type { AuditEvent } from '../../src/audit/audit.ts'
import { manualClock } from '../../src/base/clock.ts'
import type { Logger } from '../../src/base/log.ts'
import type { ElevatedSessionConfig, RegulationConfig, TotpConfig } from '../../src/config/config.ts'
import type { Directory, PasswordCheck, User } from '../../src/directory/directory.ts'
import type { StepOfCode } from '../../src/login/code-check.ts'
import { createLogin } from '../../src/login/create-login.ts'
import { createElevationCodes } from '../../src/login/elevation-codes.ts'
import type { Attempt } from '../../src/login/login.ts'
import { createTotpEnrolment } from '../../src/login/totp-enrolment.ts'
import type { Mail } from '../../src/notify/mailer.ts'
import { memoryStorage } from './memory-storage.ts'

export const START = 1_700_000_000_000

export const user = (username: string): User => ({
  username,
  displayName: username.toUpperCase(),
  emails: [`${username}@example.com`],
  groups: [],
})

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

export function memoryLog(): Logger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields: { ...fields } })
  }
  const log = {
    lines,
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
    isLevelEnabled: () => true,
  }
  return log
}

/** Names resolve in any letter case and by e-mail; every password is `password`, dave is disabled. */
export function fakeDirectory(names: readonly string[] = ['alice', 'bob', 'carol']) {
  const passwords = new Map(names.map((name) => [name, 'password']))
  const checks: { readonly username: string | undefined; readonly password: string; readonly from: string }[] = []
  let gate: Promise<void> | undefined
  let open = () => {}
  const directory: Directory & {
    readonly checks: typeof checks
    /** Hashing begins but doesn't end until `release`. */
    hold(): void
    release(): void
    overloaded: boolean
    broken: boolean
    /** Called while a hash is made, e.g. to let time pass. */
    whileHashing: () => void
    setPassword(name: string, password: string): void
    remove(name: string): void
  } = {
    checks,
    overloaded: false,
    broken: false,
    whileHashing: () => {},
    hold() {
      gate = new Promise((resolve) => {
        open = resolve
      })
    },
    release() {
      gate = undefined
      open()
    },
    setPassword: (name, password) => void passwords.set(name, password),
    remove: (name) => void passwords.delete(name),
    find: (name) => (passwords.has(name) ? user(name) : undefined),
    resolve(typed) {
      if (directory.broken) throw new Error('the users file is gone')
      const name = typed.toLowerCase().replace(/@example\.com$/, '')
      return passwords.has(name) ? user(name) : undefined
    },
    async checkPassword(username, password, from): Promise<PasswordCheck> {
      if (directory.overloaded) return 'overloaded'
      checks.push({ username, password, from })
      directory.whileHashing()
      await gate
      return username !== undefined && passwords.get(username) === password ? 'match' : 'mismatch'
    },
    passwordStamp: (name) => passwords.get(name),
  }
  return directory
}

export const REGULATION: RegulationConfig = { modes: ['user'], maxRetries: 3, findTime: 120_000, banTime: 300_000 }
export const TOTP: TotpConfig = {
  disable: false,
  issuer: 'Latchkey',
  algorithm: 'SHA1',
  digits: 6,
  period: 30,
  skew: 1,
  secretSize: 32,
  allowedAlgorithms: ['SHA1'],
  allowedDigits: [6],
  allowedPeriods: [30],
  disableReuseSecurityPolicy: false,
}

export const ELEVATED_SESSION: ElevatedSessionConfig = {
  codeLifespan: 300_000,
  elevationLifespan: 600_000,
  characters: 8,
  requireSecondFactor: false,
  skipSecondFactor: false,
}

export const from = (address = '203.0.113.7'): Attempt => ({
  from: address,
  requestMethod: 'GET',
  requestUri: 'https://app.example.com/a?token=canary',
})

export function fixture(changes: { regulation?: Partial<RegulationConfig>; totp?: Partial<TotpConfig> } = {}) {
  const clock = manualClock(START)
  const storage = memoryStorage()
  const directory = fakeDirectory()
  const log = memoryLog()
  const waits: number[] = []
  const events: AuditEvent[] = []
  const settings = { regulation: { ...REGULATION, ...changes.regulation }, totp: { ...TOTP, ...changes.totp } }
  // the code of a step is its number; the real computation has its own tests
  const stepOf: StepOfCode = (configuration, code, now, skew) => {
    const step = Math.floor(now / 1000 / configuration.period)
    for (let offset = -skew; offset <= skew; offset++) {
      if (codeOf(step + offset, configuration.digits) === code) return step + offset
    }
    return undefined
  }
  let secrets = 0
  const enrolment = createTotpEnrolment({
    codes: storage.totp,
    clock,
    random: (size) => new Uint8Array(size).fill(++secrets),
    stepOf,
  })
  const login = createLogin({
    directory: () => directory,
    storage,
    audit: { record: async (event) => void events.push(event) },
    clock,
    random: (size) => new Uint8Array(size),
    log,
    regulation: () => settings.regulation,
    totp: () => settings.totp,
    wait: async (milliseconds) => {
      waits.push(milliseconds)
    },
    stepOf,
  })
  const mails: Mail[] = []
  const elevation = createElevationCodes({
    codes: storage.codes,
    attempts: storage.proofAttempts,
    mailer: { isEnabled: true, send: (mail) => void mails.push(mail) },
    audit: { record: async (event) => void events.push(event) },
    clock,
    random: randomBytes,
    key: () => Buffer.alloc(32, 7),
    wait: async (milliseconds) => {
      waits.push(milliseconds)
    },
  })
  return { clock, storage, directory, log, waits, settings, login, enrolment, elevation, mails, events }
}

export const codeOf = (step: number, digits = 6): string => String(step % 10 ** digits).padStart(digits, '0')
export const stepAt = (now: number): number => Math.floor(now / 30_000)

/** Lets everything that waits for nothing but promises go on. */
export const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

export const totpOf = (username: string) => ({
  username,
  issuer: 'Latchkey',
  algorithm: 'SHA1' as const,
  digits: 6 as const,
  period: 30,
  secret: new Uint8Array(20),
  createdAt: START - 1000,
  lastUsedAt: undefined,
})
