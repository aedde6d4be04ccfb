// Setting passwords on fakes: a directory whose passwords are what they are, a store that can be read-only or busy, mails and events noted.
import { randomBytes } from 'node:crypto'
import type { User } from '../../src/directory/directory.ts'
import { createPasswordChange } from '../../src/login/password-change.ts'
import { createPasswordReset, type ResetPlace } from '../../src/login/password-reset.ts'
import type { PasswordStore } from '../../src/login/password-store.ts'
import { digestOfId } from '../../src/login/reset-token.ts'
import { fakeDirectory, fixture, user } from './fixture.ts'

export const PLACE: ResetPlace = {
  portalUrl: 'https://auth.example.com/',
  from: '203.0.113.7',
  language: 'en',
}

/** Passwords of fewer than eight characters are weak; the hash of a password is itself, and so is its stamp. */
export function fakeStore(directory: {
  passwordStamp?(name: string): string | undefined
  setPassword(name: string, password: string): void
}) {
  const store: PasswordStore & { isReadOnly: boolean; isBusy: boolean; whileHashing: () => void } = {
    isReadOnly: false,
    isBusy: false,
    whileHashing: () => {},
    weaknesses: async (password) => (password.length < 8 ? [{ kind: 'too-short', least: 8 }] : []),
    canWrite: () => !store.isReadOnly,
    async hash(password) {
      store.whileHashing()
      return store.isBusy ? undefined : password
    },
    async write(username, hash, expectedStamp) {
      if (store.isReadOnly) return 'failed'
      if (directory.passwordStamp?.(username) !== expectedStamp) return 'changed'
      directory.setPassword(username, hash)
      return 'written'
    },
  }
  return store
}

export function passwordsFixture() {
  const parts = fixture()
  const names = fakeDirectory(['alice', 'bob', 'carol', 'jack'])
  const emails = new Map<string, string | undefined>()
  const withEmail = (found: User | undefined): User | undefined => {
    if (!found || !emails.has(found.username)) return found
    const email = emails.get(found.username)
    return { ...found, emails: email === undefined ? [] : [email] }
  }
  const directory = Object.assign(Object.create(names) as typeof names, {
    find: (name: string) => withEmail(names.find(name) as User | undefined),
    resolve: (typed: string) => withEmail(names.resolve(typed) as User | undefined),
    setEmail: (name: string, email: string | undefined) => void emails.set(name, email),
  })
  const store = fakeStore(names)
  const ended: [string, string | undefined][] = []
  const shared = {
    directory: () => directory,
    store,
    endWithPassword: async (username: string, _from: string, keep?: { readonly key: string }) => {
      ended.push([username, keep?.key])
    },
    mailer: { isEnabled: true, send: (mail: never) => void parts.mails.push(mail) },
    audit: { record: async (event: (typeof parts.events)[number]) => void parts.events.push(event) },
    clock: parts.clock,
  }
  const resets = createPasswordReset({
    ...shared,
    settings: () => ({ secret: 'a secret for tests that is long enough', algorithm: 'HS256', lifespan: 300_000 }),
    resets: parts.storage.resets,
    attempts: parts.storage.proofAttempts,
    log: parts.log,
    random: randomBytes,
    key: () => Buffer.alloc(32, 9),
    wait: async (milliseconds) => {
      parts.waits.push(milliseconds)
    },
  })
  const changePassword = createPasswordChange({ ...shared, login: parts.login })
  /** What storage keeps of the link with this id. */
  const stored = (jti: string) => parts.storage.resets.find({ kind: 'token', id: digestOfId(jti) }, parts.clock.now())
  return { ...parts, directory, store, ended, resets, changePassword, stored, user }
}
