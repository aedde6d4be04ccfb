// Duo in memory, for tests of what lies around it: the tables, an API that answers what it is told, and the factor made of both.
import type { Audit } from '../../../src/audit/audit.ts'
import type { Clock } from '../../../src/base/clock.ts'
import type { Logger } from '../../../src/base/log.ts'
import type { RecordAttempt } from '../../../src/login/attempt-record.ts'
import type { Preauth, Verdict } from '../../../src/login/duo/answers.ts'
import { createDuo } from '../../../src/login/duo/create-duo.ts'
import type { Duo } from '../../../src/login/duo/duo.ts'
import { DuoFailure } from '../../../src/login/duo/duo-failure.ts'
import type { DuoPreference, DuoRepository, DuoTries } from '../../../src/storage/duo-devices.ts'

export const ALLOW: Verdict = { kind: 'allow', bypass: false }
export const device = (name: string, ...capabilities: string[]) => ({
  device: name,
  displayName: `Phone ${name}`,
  capabilities: capabilities.length > 0 ? capabilities : ['push', 'mobile_otp'],
  isToken: false,
})

export function memoryDuo(): DuoRepository {
  const devices = new Map<string, DuoPreference>()
  const tries = new Map<string, DuoTries>()
  const none: DuoTries = { tries: 0, lastAt: 0, openUntil: 0 }
  const stateOf = (username: string, factor: string): DuoTries => tries.get(`${factor} ${username}`) ?? none
  return {
    find: async (username) => devices.get(username),
    save: async (username, { device, method }) => void devices.set(username, { device, method }),
    delete: async (username) => devices.delete(username),
    list: async () => [...devices].map(([username, preference]) => ({ username, ...preference })),
    tries: async (username, factor) => stateOf(username, factor),
    async openTry(username, factor, known, now, openUntil) {
      const isKnown = tries.has(`${factor} ${username}`)
      const state = stateOf(username, factor)
      const isSame = known.tries === state.tries && known.lastAt === state.lastAt && known.openUntil === state.openUntil
      if (isKnown && !isSame) return false
      tries.set(`${factor} ${username}`, { tries: known.tries + 1, lastAt: now, openUntil })
      return true
    },
    async closeTry(username, factor, more) {
      const state = stateOf(username, factor)
      tries.set(`${factor} ${username}`, { ...state, tries: state.tries + more, openUntil: 0 })
    },
    clearTries: async (username, factor) => void tries.delete(`${factor} ${username}`),
  }
}

export interface StandInDuo {
  readonly devices: DuoRepository
  readonly factor: Duo
  /** What preauth says, by user; `enroll` for all others. */
  readonly users: Map<string, Preauth>
  readonly passcodes: Set<string>
  isDown: boolean
  /** Pushes sent so far. */
  readonly sent: string[]
  /** Resolves when a push is out. */
  isOut(): Promise<void>
  /** Answers the only push that is out. */
  answer(verdict: Verdict): void
}

export function standInDuo(deps: {
  readonly clock: Clock
  readonly log: Logger
  readonly audit: Audit
  readonly record: RecordAttempt
}): StandInDuo {
  const waiting: ((verdict: Verdict) => void)[] = []
  const pending = new Map<string, Promise<Verdict>>()
  const settings = { hostname: 'duo.example', integrationKey: 'key', secretKey: 'secret', selfEnrolment: true }
  const devices = memoryDuo()
  const down = async () => {
    if (standIn.isDown) throw new DuoFailure('no answer (ECONNREFUSED)')
  }
  let whenOut: (() => void)[] = []
  const standIn: StandInDuo = {
    isOut: () => (waiting.length > 0 ? Promise.resolve() : new Promise((resolve) => whenOut.push(resolve))),
    devices,
    users: new Map(),
    passcodes: new Set(),
    isDown: false,
    sent: [],
    answer(verdict) {
      const [only, ...others] = waiting.splice(0)
      if (only === undefined || others.length > 0) throw new Error(`${others.length} pushes are out`)
      only(verdict)
    },
    factor: createDuo({
      ...deps,
      settings: () => settings,
      devices,
      wait: async () => {},
      openApi: () => ({
        async preauth(username) {
          await down()
          return standIn.users.get(username) ?? { kind: 'enroll', url: 'https://duo.example/portal?code=1' }
        },
        async push({ username, device }) {
          await down()
          const transaction = `push ${standIn.sent.push(`${username} ${device}`)}`
          pending.set(transaction, new Promise((resolve) => waiting.push(resolve)))
          for (const done of whenOut) done()
          whenOut = []
          return transaction
        },
        status: async (transaction) => (await pending.get(transaction)) ?? 'waiting',
        async passcode(_username, passcode) {
          await down()
          return standIn.passcodes.delete(passcode) ? ALLOW : { kind: 'deny', reason: 'denied' }
        },
      }),
    }),
  }
  return standIn
}
