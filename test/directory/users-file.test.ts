import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadUsersFile, type UsersFile, type UsersFileOptions } from '../../src/directory/users-file.ts'
import type { Problem } from '../../src/yaml/problem.ts'

const HASH = '$argon2id$v=19$m=64,t=1,p=1$ng3gDYV+8gdxbZIFLLjzWg$XtWGYqaqZfTd7JLFfSU7tkujKlwdq1h4/J5cDv8a70Y'
const OTHER = '$argon2id$v=19$m=128,t=1,p=1$ng3gDYV+8gdxbZIFLLjzWg$XtWGYqaqZfTd7JLFfSU7tkujKlwdq1h4/J5cDv8a70Y'
const load = (text: string, options: Partial<UsersFileOptions> = {}) =>
  loadUsersFile(Buffer.from(text), {
    path: 'users.yml',
    search: { email: false, caseInsensitive: false },
    extraAttributes: {},
    ...options,
  })
function loaded(text: string, options: Partial<UsersFileOptions> = {}): UsersFile & { warnings: readonly Problem[] } {
  const result = load(text, options)
  assert.equal(result.kind, 'ok', JSON.stringify(result))
  return result.kind === 'ok' ? { ...result.users, warnings: result.warnings } : assert.fail()
}
function problems(text: string, options: Partial<UsersFileOptions> = {}): string[] {
  const result = load(text, options)
  assert.equal(result.kind, 'invalid')
  return result.problems.map(({ position, code, message }) => `${position?.file}:${position?.line} ${code} ${message}`)
}
const one = (fields: string): string => `users:\n  john:\n    displayname: John\n    password: '${HASH}'\n${fields}`

test('a user has a canonical name, a display name, e-mail addresses and groups', () => {
  const { users } = loaded(one('    email: j@example.com\n    groups: [dev, admins, dev]\n    unknown: 1\n'))
  assert.deepEqual(users.get('john')?.user, {
    username: 'john',
    displayName: 'John',
    emails: ['j@example.com'],
    groups: ['dev', 'admins'],
  })
})

test('all problems are reported, each with its user and line', () => {
  const text = `users:
  john:
    displayname: John
    password: plain
  mary:
    displayname: Mary
    disabled: 'true'
    groups: dev
    password: '$y$j9T$abc$def'
  paul: {}
  carl:
    displayname: [Carl]
    password: '${HASH}'
    website: ftp://example.com
    locale: english
    extra: {unknown: 1}
`
  assert.deepEqual(problems(text), [
    `users.yml:4 user-password-hash The password hash of user "john" can't be used: it is not a password hash: it does not begin with $.`,
    'users.yml:8 user-type User "mary": groups must be a list.',
    'users.yml:7 user-type User "mary": disabled must be true or false, without quotes.',
    `users.yml:9 user-password-hash The password hash of user "mary" can't be used: yescrypt is not supported.`,
    'users.yml:10 user-incomplete User "paul": displayname is missing or empty.',
    'users.yml:10 user-incomplete User "paul": password is missing or empty.',
    'users.yml:12 user-type User "carl": displayname must be a text, not a list.',
    'users.yml:14 user-url User "carl": website must be an address beginning with http:// or https://.',
    'users.yml:15 user-locale User "carl": locale must be a language tag such as en or de-DE.',
    'users.yml:16 user-extra User "carl": the extra attribute "unknown" is not among authentication_backend.file.extra_attributes.',
  ])
})

test('no problem ever shows a hash or a password written in place of one', () => {
  const secret = 'hunter2hunter2'
  for (const password of [
    secret,
    `$1$${secret}`,
    `$argon2id$v=19$m=64,t=1,p=1$${secret}$!`,
    `$6$rounds=x$${secret}$a`,
  ]) {
    const text = `users: {john: {displayname: J, password: '${password}'}}`
    assert.equal(JSON.stringify(problems(text)).includes(secret), false, password)
  }
})

test('an empty file, one without users, and one that is no map are told apart from users', () => {
  assert.match(problems('')[0] ?? '', /users-file-empty/)
  assert.match(problems('# nothing\n')[0] ?? '', /users-file-empty/)
  assert.match(problems('users: {}')[0] ?? '', /users-file-empty/)
  assert.match(problems('- x')[0] ?? '', /users-file-type/)
  assert.match(problems('users: [x]')[0] ?? '', /users-file-type/)
})

test('LIF-01 a disabled user does not exist, not even by e-mail address', () => {
  const text = one('    email: j@example.com\n    disabled: yes\n')
  const { users, byEmail, typicalHash } = loaded(text, { search: { email: true, caseInsensitive: false } })
  assert.equal(users.size, 0)
  assert.equal(byEmail.size, 0)
  assert.equal(typicalHash, undefined)
})

test('LIF-05 names and e-mail addresses that could mean two users are refused in any letter case', () => {
  const user = (name: string, email: string): string =>
    `  ${name}: {displayname: J, password: '${HASH}', email: ${email}}\n`
  const email = { search: { email: true, caseInsensitive: false } }
  const both = { search: { email: true, caseInsensitive: true } }
  const same = `users:\n${user('john', 'X@example.com')}${user('bob', 'x@example.com')}`
  assert.equal(load(same).kind, 'ok')
  assert.match(problems(same, email)[0] ?? '', /^users.yml:3 user-email-twice .*"bob".*"john"/)
  const name = `users:\n${user('john', 'bob@example.com')}${user('Bob@example.com', 'b@example.com')}`
  assert.match(problems(name, email)[0] ?? '', /^users.yml:2 user-email-name/)
  assert.match(problems(`users:\n${user('John', 'x@example.com')}`, both)[0] ?? '', /user-name-case/)
  const own = `users:\n${user('john@example.com', 'john@example.com')}`
  assert.equal(load(own, both).kind, 'ok')
})

test('INJ-01 names that mean something in JavaScript are ordinary names, and unknown ones are unknown', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
  const { users } = loaded(`users:\n${names.map((n) => `  ${n}: {displayname: J, password: '${HASH}'}\n`).join('')}`)
  assert.deepEqual([...users.keys()], names)
  const plain = loaded(one(''))
  for (const name of names) assert.equal(plain.users.get(name), undefined)
  assert.match(problems(one('    extra: {constructor: x}\n'))[0] ?? '', /user-extra/)
  assert.equal(Object.hasOwn(Object.prototype, 'displayname'), false)
})

test('HDR-21 a user whose attributes would break a response header is left out, loudly; the others are served', () => {
  const texts: Record<string, string> = {
    'CR LF in the display name': 'displayname: "John\\r\\nRemote-User: admin"',
    'NUL in the e-mail address': 'displayname: J, email: "j\\0@example.com"',
    'line end in a group': 'displayname: J, groups: ["dev\\n"]',
    'delete character': 'displayname: "J\\x7f"',
  }
  for (const [what, fields] of Object.entries(texts)) {
    const { users, warnings } = loaded(
      `users:\n  bad: {password: '${HASH}', ${fields}}\n  good: {displayname: G, password: '${HASH}'}\n`,
    )
    assert.deepEqual([...users.keys()], ['good'], what)
    assert.deepEqual(
      warnings.map(({ code, position }) => [code, position?.line]),
      [['user-unusable', 2]],
      what,
    )
  }
  const { users, warnings } = loaded(`users: {zoe: {displayname: "Zoë 山田 €\\t", password: '${HASH}'}}`)
  assert.equal(users.get('zoe')?.user.displayName, 'Zoë 山田 €\t')
  assert.deepEqual(warnings, [])
})

test('HDR-21 a name that is lost or becomes another one in a header is no name to sign in with', () => {
  for (const name of ['" john"', '"john "', '""', '"john\\n"']) {
    const { users, warnings } = loaded(`users:\n  ${name}: {displayname: J, password: '${HASH}'}\n`)
    assert.equal(users.size, 0, name)
    assert.equal(warnings.length, 1, name)
  }
})

test('HDR-21 a group with a comma would be two groups to the application, and is refused', () => {
  assert.match(problems(one('    groups: [dev, "x,admins"]\n'))[0] ?? '', /^users.yml:5 user-group-name .*comma/)
})

test('ENU-01 an unknown name costs what most users cost', () => {
  const user = (name: string, hash: string): string => `  ${name}: {displayname: J, password: '${hash}'}\n`
  const memory = (...hashes: string[]): number | undefined => {
    const { typicalHash } = loaded(`users:\n${hashes.map((hash, i) => user(`u${i}`, hash)).join('')}`)
    return typicalHash?.scheme === 'argon2' ? typicalHash.memory : undefined
  }
  assert.equal(memory(HASH, OTHER, OTHER), 128)
  assert.equal(memory(HASH, OTHER), 64)
})

test('a date without quotes is no text, as for Authelia, and the message says what to do', () => {
  assert.match(problems(one('    birthdate: 2020-01-01\n'))[0] ?? '', /^users.yml:5 user-type .*quotes/)
  assert.match(problems(one('    groups: [2020-01-01]\n'))[0] ?? '', /user-type/)
  assert.equal(load(one("    birthdate: '2020-01-01'\n")).kind, 'ok')
})

test('a locale is a language tag, with - or _, or a private one', () => {
  for (const tag of ['en', 'de-DE', 'de_DE', 'zh-Hant-TW', 'x-klingon']) {
    assert.equal(load(one(`    locale: ${tag}\n`)).kind, 'ok', tag)
  }
  for (const tag of ['english', 'e', 'de-', 'de DE'])
    assert.match(problems(one(`    locale: ${tag}\n`))[0] ?? '', /locale/)
})

test('extra attributes have exactly the type that was configured', () => {
  const extraAttributes = {
    s: { valueType: 'string', multiValued: false },
    is: { valueType: 'integer', multiValued: true },
  } as const
  assert.equal(load(one('    extra: {s: a, is: [1, 2.5]}\n'), { extraAttributes }).kind, 'ok')
  assert.match(problems(one('    extra: {s: 1}\n'), { extraAttributes })[0] ?? '', /must be of type string/)
  assert.match(problems(one('    extra: {is: ["1"]}\n'), { extraAttributes })[0] ?? '', /must be a list of integer/)
})
