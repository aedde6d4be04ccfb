import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { PasswordCheck } from '../../src/directory/directory.ts'
import { createFileDirectory, openFileDirectory, readUsersFile } from '../../src/directory/file-directory.ts'
import type { PasswordHash } from '../../src/directory/hash-format.ts'
import { type HashQueue, openHashQueue } from '../../src/directory/hash-queue.ts'
import { defaultHash, makeHash } from '../../src/directory/password-hash.ts'
import { loadUsersFile, type UsersFile, type UsersFileOptions } from '../../src/directory/users-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-directory-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const queue = openHashQueue()
after(() => queue.close())

const cheap = { ...defaultHash, argon2: { ...defaultHash.argon2, memory: 64, iterations: 1, parallelism: 1 } }
const [johns, bobs] = await Promise.all([makeHash('secret', cheap), makeHash('other secret', cheap)])
const options = (search: Partial<UsersFileOptions['search']> = {}): UsersFileOptions => ({
  path: 'users.yml',
  search: { email: false, caseInsensitive: false, ...search },
  extraAttributes: {},
})
function users(text: string, search: Partial<UsersFileOptions['search']> = {}): UsersFile {
  const result = loadUsersFile(Buffer.from(text), options(search))
  return result.kind === 'ok' ? result.users : assert.fail(JSON.stringify(result.problems))
}
const both = `users:
  john: {displayname: John, password: '${johns}', email: John@Example.com}
  bob: {displayname: Bob, password: '${bobs}', email: bob@example.com}
`

/** Tells which hashes were computed; answers as told. */
function spyQueue(verdict: PasswordCheck = 'match') {
  const asked: { readonly hash: PasswordHash; readonly password: string; readonly from: string }[] = []
  const spy: Pick<HashQueue, 'verify'> = {
    verify: async (hash, password, from) => {
      asked.push({ hash, password, from })
      return verdict
    },
  }
  return { spy, asked }
}

test('a password is checked against the hash of its user', async () => {
  const directory = createFileDirectory(users(both), queue)
  assert.equal(await directory.checkPassword('john', 'secret', '192.0.2.1'), 'match')
  assert.equal(await directory.checkPassword('john', 'Secret', '192.0.2.1'), 'mismatch')
  assert.equal(await directory.checkPassword('john', '', '192.0.2.1'), 'mismatch')
  assert.equal(await directory.checkPassword('bob', 'secret', '192.0.2.1'), 'mismatch')
  assert.equal(await directory.checkPassword('bob', 'other secret', '192.0.2.1'), 'match')
})

test('a name is found as written; by e-mail address or in any case only where that is configured', () => {
  const exact = createFileDirectory(users(both), queue)
  assert.equal(exact.resolve('john')?.username, 'john')
  for (const typed of ['John', 'john ', ' john', 'john@example.com', 'john\u0000', 'ｊｏｈｎ', '', '__proto__']) {
    assert.equal(exact.resolve(typed), undefined, typed)
  }
  const byEmail = createFileDirectory(users(both, { email: true }), queue)
  assert.equal(byEmail.resolve('JOHN@EXAMPLE.COM')?.username, 'john')
  assert.equal(byEmail.resolve('John'), undefined)
  const anyCase = createFileDirectory(users(both, { caseInsensitive: true }), queue)
  assert.equal(anyCase.resolve('JOHN')?.username, 'john')
  assert.equal(anyCase.find('JOHN'), undefined)
  assert.equal(anyCase.resolve('john@example.com'), undefined)
})

test('ENU-01 an unknown name costs one hash with the parameters in the file, and never matches', async () => {
  const { spy, asked } = spyQueue('match')
  const directory = createFileDirectory(users(both), spy)
  assert.equal(await directory.checkPassword(undefined, 'secret', '192.0.2.1'), 'mismatch')
  assert.equal(await directory.checkPassword('nobody', 'secret', '192.0.2.1'), 'mismatch')
  const parameters = ({ hash, password, from }: (typeof asked)[number]) =>
    hash.scheme === 'argon2' && [hash.memory, hash.iterations, hash.parallelism, password, from]
  assert.deepEqual(asked.map(parameters), Array(2).fill([64, 1, 1, 'secret', '192.0.2.1']))
})

test('ENU-01 a disabled user costs what an unknown one costs', async () => {
  const { spy, asked } = spyQueue('match')
  const text = both.replace('displayname: Bob', 'displayname: Bob, disabled: true')
  const directory = createFileDirectory(users(text), spy)
  assert.equal(directory.find('bob'), undefined)
  assert.equal(directory.resolve('bob'), undefined)
  assert.equal(await directory.checkPassword('bob', 'other secret', '192.0.2.1'), 'mismatch')
  assert.equal(asked.length, 1)
})

test('PWD-02 ill-formed and over-long passwords cost a hash and never match', async () => {
  const { spy, asked } = spyQueue('match')
  const directory = createFileDirectory(users(both), spy)
  for (const password of ['\ud800', 'secret\udfff', 'x'.repeat(4097), '€'.repeat(1366)]) {
    assert.equal(await directory.checkPassword('john', password, '192.0.2.1'), 'mismatch')
  }
  assert.equal(asked.length, 4)
  assert.equal(await directory.checkPassword('john', 'x'.repeat(4096), '192.0.2.1'), 'match')
})

test('an overloaded queue says nothing about the user', async () => {
  const directory = createFileDirectory(users(both), spyQueue('overloaded').spy)
  assert.equal(await directory.checkPassword('john', 'secret', '192.0.2.1'), 'overloaded')
  assert.equal(await directory.checkPassword(undefined, 'secret', '192.0.2.1'), 'overloaded')
})

test('LIF-01 who is removed or disabled, or whose password changes, while it is being checked is not let in', async () => {
  const changes: Record<string, string> = {
    removed: both.replace(/ {2}john.*\n/, ''),
    disabled: both.replace('displayname: John', 'displayname: John, disabled: true'),
    'given another password': both.replace(johns, bobs),
  }
  for (const [what, text] of Object.entries(changes)) {
    let answer: (verdict: PasswordCheck) => void = () => {}
    const directory = createFileDirectory(users(both), {
      verify: () => new Promise((resolve) => (answer = resolve)),
    })
    const check = directory.checkPassword('john', 'secret', '192.0.2.1')
    directory.replace(users(text))
    answer('match')
    assert.equal(await check, 'mismatch', what)
  }
})

test('LIF-02 what is replaced is served from the next call on', () => {
  const directory = createFileDirectory(users(both), queue)
  const before = directory.find('john')
  directory.replace(users(both.replace('displayname: John', 'displayname: John, groups: [admins]')))
  assert.deepEqual(directory.find('john')?.groups, ['admins'])
  assert.deepEqual(before?.groups, [])
})

test('LIF-03 the stamp of a password changes with the stored hash and does not show it', () => {
  const directory = createFileDirectory(users(both), queue)
  const stamp = directory.passwordStamp?.('john')
  assert.ok(stamp)
  assert.equal(johns.includes(stamp), false)
  assert.equal(directory.passwordStamp?.('nobody'), undefined)
  directory.replace(users(both))
  assert.equal(directory.passwordStamp?.('john'), stamp)
  directory.replace(users(both.replace(johns, bobs)))
  assert.notEqual(directory.passwordStamp?.('john'), stamp)
})

test('a missing file is written as an example, which names nobody, and refuses the start', () => {
  const path = join(folder, 'missing.yml')
  const opened = openFileDirectory({ ...options(), path, queue })
  assert.equal(opened.kind, 'invalid')
  assert.match(JSON.stringify(opened), /users-file-missing.*example has been written/)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const example = readFileSync(path, 'utf8')
  assert.match(example, /jane/)
  const again = openFileDirectory({ ...options(), path, queue })
  assert.match(JSON.stringify(again), /users-file-empty/)
  assert.equal(readFileSync(path, 'utf8'), example)
})

test('a missing file stays missing when it is read again later', () => {
  const path = join(folder, 'deleted.yml')
  assert.equal(readUsersFile({ ...options(), path }).kind, 'invalid')
  assert.equal(statSync(path, { throwIfNoEntry: false }), undefined)
})

test('a folder, or a file that may not be read, is a problem that says so', (t) => {
  const path = join(folder, 'folder.yml')
  mkdirSync(path)
  assert.match(JSON.stringify(openFileDirectory({ ...options(), path, queue })), /users-file-unreadable/)
  assert.match(
    JSON.stringify(openFileDirectory({ ...options(), path: join(folder, 'no/such.yml'), queue })),
    /users-file-missing/,
  )
  if (process.getuid?.() === 0) return t.diagnostic('root may read everything')
  const closed = join(folder, 'closed.yml')
  writeFileSync(closed, both)
  chmodSync(closed, 0)
  assert.match(JSON.stringify(readUsersFile({ ...options(), path: closed })), /users-file-unreadable/)
})

test('a users file is opened, with its warnings', () => {
  const path = join(folder, 'users.yml')
  writeFileSync(path, `${both}  "eve\\n": {displayname: Eve, password: '${bobs}'}\n`)
  const opened = openFileDirectory({ ...options(), path, queue })
  if (opened.kind === 'invalid') assert.fail(JSON.stringify(opened.problems))
  assert.equal(opened.directory.find('john')?.displayName, 'John')
  assert.deepEqual(
    opened.warnings.map(({ code, position }) => [code, position?.file, position?.line]),
    [['user-unusable', path, 4]],
  )
})
