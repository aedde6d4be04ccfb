import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type ChangeOptions, changeUsers, type UserChange } from '../../src/directory/change-users.ts'
import { readUserEntries } from '../../src/directory/users-file.ts'
import type { YamlValue } from '../../src/yaml/write.ts'

const HASH = '$argon2id$v=19$m=64,t=1,p=1$ng3gDYV+8gdxbZIFLLjzWg$XtWGYqaqZfTd7JLFfSU7tkujKlwdq1h4/J5cDv8a70Y'
const OTHER = '$argon2id$v=19$m=128,t=1,p=1$ng3gDYV+8gdxbZIFLLjzWg$XtWGYqaqZfTd7JLFfSU7tkujKlwdq1h4/J5cDv8a70Y'
const USERS = `users:
  # Alice
  alice:
    displayname: Alice
    password: '${HASH}'
    email: alice@example.com # work
    groups: # of hers
      - admins # the first
      - family
  bob: {displayname: Bob, password: '${HASH}', groups: [family]}
`
const options: ChangeOptions = {
  path: 'users.yml',
  search: { email: false, caseInsensitive: false },
  extraAttributes: { age: { valueType: 'integer', multiValued: false } },
}
const fields = (object: Record<string, YamlValue | undefined>) =>
  new Map(Object.entries(object)) as Map<string, YamlValue>
const set = (username: string, object: Record<string, YamlValue | undefined>): UserChange => ({
  kind: 'set',
  username,
  fields: fields(object),
})
const add = (username: string, object: Record<string, YamlValue> = {}): UserChange => ({
  kind: 'add',
  username,
  fields: fields({ displayname: 'New', password: OTHER, ...object }),
})
const remove = (username: string): UserChange => ({ kind: 'remove', username })

const change = (text: string, changes: UserChange[], more: Partial<ChangeOptions> = {}) =>
  changeUsers(Buffer.from(text), changes, { ...options, ...more })
function changed(text: string, changes: UserChange[], more: Partial<ChangeOptions> = {}): string {
  const result = change(text, changes, more)
  assert.equal(result.kind, 'ok', JSON.stringify(result))
  return result.kind === 'ok' ? Buffer.from(result.bytes).toString() : ''
}

describe('changes', () => {
  test('a field, a field within a field, and taking one away', () => {
    assert.equal(
      changed(USERS, [set('alice', { email: 'a@x.org', 'address.locality': 'Bern', 'extra.age': 7 })]),
      USERS.replace('alice@example.com', 'a@x.org').replace(
        '      - family\n',
        "      - family\n    address:\n      locality: 'Bern'\n    extra:\n      age: 7\n",
      ),
    )
    assert.equal(changed(USERS, [set('alice', { email: undefined })]), USERS.replace(/ {4}email.*\n/, ''))
  })
  test('groups: those that stay are not touched', () => {
    assert.equal(
      changed(USERS, [set('alice', { groups: ['admins', 'new'] }), set('bob', { groups: [] })]),
      USERS.replace('      - family\n', '      - new\n').replace('[family]', '[]'),
    )
  })
  test('a list that is an alias of another one is written out', () => {
    const text = USERS.replace('groups: # of hers', 'groups: &g # of hers').replace('[family]', '*g')
    assert.equal(changed(text, [set('bob', { groups: ['x'] })]), text.replace('*g', "['x']"))
  })
  test('several users at once', () => {
    const text = changed(USERS, [add('carl'), remove('bob'), set('alice', { disabled: true }), add('dora')])
    assert.match(text, /^ {4}disabled: true\n {2}carl:\n.*\n.*\n {2}dora:\n/m)
    assert.doesNotMatch(text, /bob/)
  })
})

describe('refusals', () => {
  const codes: readonly (readonly [string, UserChange, Partial<ChangeOptions>, string, RegExp])[] = [
    ['a name that is there', add('alice'), {}, 'user-exists', /alice already/],
    ['a name by case', add('alice'), { search: { email: false, caseInsensitive: true } }, 'user-exists', /alice/],
    [
      'a name that is an address people sign in by',
      add('Alice@example.com'),
      { search: { email: true, caseInsensitive: false } },
      'user-exists',
      /would be the same as alice/,
    ],
    ['an address in use', add('carl', { email: 'ALICE@example.com' }), {}, 'user-email-in-use', /of alice/],
    [
      'an address in use, by force, where it names people',
      set('bob', { email: 'alice@example.com' }),
      { force: true, search: { email: true, caseInsensitive: false } },
      'user-email-in-use',
      /of alice/,
    ],
    ['who isn’t there', set('alcie', { email: 'x@y' }), {}, 'user-unknown', /alcie/],
  ]
  for (const [name, each, more, code, message] of codes) {
    test(name, () => assert.throws(() => change(USERS, [each], more), { code, message }))
  }
  test('an unknown user is told who was probably meant: by spelling, case or e-mail address', () => {
    for (const name of ['alcie', 'ALICE', 'alice@EXAMPLE.com']) {
      assert.throws(() => change(USERS, [remove(name)]), { code: 'user-unknown', hint: 'Did you mean alice?' })
    }
  })
  test('the last user, unless forced', () => {
    assert.throws(() => change(USERS, [remove('alice'), remove('bob')]), { code: 'user-last' })
    assert.match(changed(USERS, [remove('alice'), remove('bob')], { force: true }), /^users: \{\}\n/)
  })
  test('two may share an address by force where it isn’t used to sign in', () => {
    assert.match(changed(USERS, [set('bob', { email: 'alice@example.com' })], { force: true }), /bob:.*alice@example/)
  })
  test('a file with an error in it is left as it is, and so is one that would get one', () => {
    const broken = change(USERS.replace('Bob', '[Bob]'), [add('carl')])
    assert.deepEqual(broken.kind === 'invalid' && [broken.when, broken.problems[0]?.position?.line], ['before', 10])
    for (const bad of [
      set('alice', { locale: 'english' }),
      set('alice', { groups: ['a,b'] }),
      set('alice', { 'extra.size': 1 }),
      set('alice', { displayname: undefined }),
      set('alice', { displayname: 'two\nlines' }),
      add('carl', { password: 'plain' }),
    ]) {
      const result = change(USERS, [bad])
      assert.deepEqual(result.kind === 'invalid' && result.when, 'after', JSON.stringify(result))
    }
  })
  test('an entry that others are made from is left to a person', () => {
    const text = USERS.replace('alice:', 'alice: &a').concat('  carl:\n    <<: *a\n    email: c@example.com\n')
    const result = change(text, [set('alice', { password: OTHER })])
    assert.equal(result.kind, 'impossible')
    assert.match(
      changed(text, [set('carl', { password: OTHER })]),
      /email: c@example.com\n {4}password: '\$argon2id\$v=19\$m=128/,
    )
  })
})

test('any changes of any users: the others’ text stays byte for byte, and so do all comments outside of who is removed', () => {
  let number = 0
  const comment = fc.boolean().map((is) => (is ? ` # c${number++}` : ''))
  const groups = fc.uniqueArray(fc.constantFrom('admins', 'family', 'a b', "o'x", 'ünï'), { maxLength: 3 })
  const entry = (name: string) =>
    fc.tuple(fc.nat({ max: 3 }), groups, comment, comment, comment, fc.boolean()).map(([style, list, a, b, c, off]) => {
      const quoted = list.map((group) => `"${group}"`)
      const text = [
        `  ${name}:${a}\n    displayname: ${name}${b}\n    password: '${HASH}'\n    groups: [${quoted.join(', ')}]${c}\n    disabled: ${off}\n`,
        `  '${name}': {displayname: "${name}", password: '${HASH}', groups: [${quoted.join(', ')}]}${a}\n`,
        `  "${name}":${a}\n    password: >-\n      ${HASH}\n    groups:${b}\n${quoted.map((group) => `      - ${group}${c}\n`).join('')}    displayname: |-\n      ${name}\n`,
        `  ${name}:\n    # ${name}'s${a}\n    displayname: '${name}'\n    email: ${name}@example.com${b}\n    password: "${HASH}"\n`,
      ][style] as string
      return { name, text }
    })
  const file = fc
    .tuple(fc.uniqueArray(fc.constantFrom('ann', 'ben', 'cid', 'dan', 'eve'), { minLength: 1 }), fc.boolean(), comment)
    .chain(([names, crlf, end]) =>
      fc.tuple(...names.map((name) => fc.tuple(entry(name), comment))).map((made) => {
        const ends = (text: string): string => (crlf ? text.replaceAll('\n', '\r\n') : text)
        const body = made.map(([{ text }, before]) => (before ? `\n  ${before.trim()}\n${text}` : text)).join('')
        const entries = made.map(([{ name, text }]) => ({ name, text: ends(text).trimEnd() }))
        return { text: ends(`# top\nusers:${end}\n${body}\n# end\n`), entries }
      }),
    )
  const step = fc.oneof(
    fc.record({ do: fc.constant('groups' as const), at: fc.nat(), groups }),
    fc.record({ do: fc.constant('password' as const), at: fc.nat() }),
    fc.record({ do: fc.constant('disabled' as const), at: fc.nat(), to: fc.boolean() }),
    fc.record({ do: fc.constant('remove' as const), at: fc.nat() }),
    fc.record({ do: fc.constant('add' as const) }),
  )
  fc.assert(
    fc.property(file, fc.array(step, { minLength: 1, maxLength: 6 }), ({ text, entries }, steps) => {
      let now = text
      const touched = new Set<string>()
      const removed = new Set<string>()
      for (const [i, each] of steps.entries()) {
        const left = entries.map(({ name }) => name).filter((name) => !removed.has(name))
        const name = 'at' in each ? (left[each.at % left.length] ?? '') : ''
        if (each.do !== 'add' && name === '') continue
        touched.add(name)
        if (each.do === 'remove') {
          if (left.length + [...touched].filter((other) => other.startsWith('new')).length <= 1) continue
          removed.add(name)
          now = changed(now, [remove(name)])
        } else if (each.do === 'add') {
          touched.add(`new${i}`)
          now = changed(now, [add(`new${i}`)])
        } else if (each.do === 'password') now = changed(now, [set(name, { password: OTHER })])
        else if (each.do === 'disabled') now = changed(now, [set(name, { disabled: each.to })])
        else {
          now = changed(now, [set(name, { groups: each.groups })])
          const read = readUserEntries(Buffer.from(now), options)
          const entry = read.kind === 'ok' ? read.entries.find(({ user }) => user.username === name) : undefined
          assert.deepEqual(entry?.user.groups.toSorted(), each.groups.toSorted())
        }
      }
      for (const { name, text: own } of entries) {
        if (!touched.has(name)) assert.ok(now.includes(own), `${name} changed:\n${text}\n→\n${now}`)
      }
      const outside = entries.reduce((rest, { text: own }) => rest.replace(own, ''), text)
      for (const each of outside.match(/# (?:c\d+|top|end)/g) ?? []) assert.ok(now.includes(each), `${each}\n${now}`)
      const read = readUserEntries(Buffer.from(now), options)
      const names = read.kind === 'ok' ? read.entries.map(({ user }) => user.username) : []
      assert.deepEqual(
        names.filter((name) => !name.startsWith('new')),
        entries.map(({ name }) => name).filter((name) => !removed.has(name)),
      )
    }),
    { numRuns: 400 },
  )
})
