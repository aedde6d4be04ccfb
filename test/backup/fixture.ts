// A place with both databases in it, and what tells one state of it from another.
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { backUp } from '../../src/backup/back-up.ts'
import { restore } from '../../src/backup/restore.ts'
import { systemClock } from '../../src/base/clock.ts'
import { openSessions, sessionsPath } from '../../src/session/open-sessions.ts'
import { storageKey } from '../../src/storage/encryption.ts'
import { openStorage } from '../../src/storage/open-storage.ts'
import { sessionsFor } from '../session/sessions-fixture.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

export const KEY = 'an encryption key for tests only'
export const SECRET = 'a secret for tests'
const tell = (): void => {}

export interface Place {
  readonly folder: string
  readonly storagePath: string
  readonly sessionsPath: string
}
export function placeIn(t: TestContext, folder = temporaryFolder(t)): Place {
  const storagePath = join(folder, 'db.sqlite3')
  return { folder, storagePath, sessionsPath: sessionsPath(storagePath) }
}

/** Writes the word into storage: the state that a backup keeps. */
export async function write(place: Place, word: string): Promise<void> {
  const storage = await openStorage({ path: place.storagePath, encryptionKey: KEY, clock: systemClock })
  await storage.preferences.save('state', { method: word })
  await storage.totp.save({
    username: 'alice',
    issuer: 'x',
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
    secret: Buffer.from(word),
    createdAt: 1,
    lastUsedAt: undefined,
  })
  await storage.close()
}
/** The word, read as a server would; fails when storage isn't whole. */
export async function read(place: Place): Promise<string> {
  const storage = await openStorage({
    path: place.storagePath,
    encryptionKey: KEY,
    clock: systemClock,
    exclusive: true,
  })
  try {
    const word = (await storage.preferences.find('state'))?.method ?? ''
    const secret = Buffer.from((await storage.totp.find('alice'))?.secret ?? []).toString()
    if (secret !== word) throw new Error(`${word} and ${secret} are of different states`)
    return word
  } finally {
    await storage.close()
  }
}

/** Signs somebody in by the system's clock; the session database is closed afterwards. */
export async function signIn(t: TestContext, place: Place, username: string): Promise<void> {
  const { sessions, signIn: begin } = await sessionsFor(
    t,
    { path: place.sessionsPath, secret: SECRET },
    systemClock as never,
  )
  await begin(username)
  await sessions.close()
}
export async function signedIn(place: Place): Promise<string[]> {
  const sessions = await openSessions({ path: place.sessionsPath, secret: SECRET, clock: systemClock })
  try {
    return (await sessions.list()).map(({ username }) => username).sort()
  } finally {
    await sessions.close()
  }
}

type BackupChanges = Partial<Parameters<typeof backUp>[0]>
export const backUpTo = (place: Place, file: string, changes: BackupChanges = {}) =>
  backUp({
    ...place,
    key: storageKey(KEY),
    file,
    force: false,
    passphrase: undefined,
    clock: systemClock,
    tell,
    ...changes,
  })

type RestoreChanges = Partial<Parameters<typeof restore>[0]>
export const restoreFrom = (place: Place, file: string, changes: RestoreChanges = {}) =>
  restore({
    ...place,
    file,
    key: storageKey(KEY),
    force: false,
    passphrase: undefined,
    sessions: 'if-none',
    clock: systemClock,
    tell,
    ...changes,
  })
