import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { editYaml, type YamlEdit } from '../../src/yaml/edit.ts'
import type { YamlValue } from '../../src/yaml/write.ts'

const set = (path: string, value: YamlValue): YamlEdit => ({ kind: 'set', path: path.split('.'), value })
const append = (path: string, value: YamlValue): YamlEdit => ({ kind: 'append', path: path.split('.'), value })
const remove = (path: string): YamlEdit => ({
  kind: 'remove',
  path: path.split('.').map((key) => (/^\d$/.test(key) ? Number(key) : key)),
})
const user = new Map<string, YamlValue>([
  ['displayname', 'New'],
  ['groups', ['a']],
])

function edited(text: string, ...edits: YamlEdit[]): string {
  const result = editYaml(Buffer.from(text), 'f.yml', edits)
  assert.equal(result.kind, 'ok', JSON.stringify(result))
  return result.kind === 'ok' ? Buffer.from(result.bytes).toString() : ''
}
function refused(text: string, ...edits: YamlEdit[]): string {
  const result = editYaml(Buffer.from(text), 'f.yml', edits)
  assert.equal(result.kind, 'impossible', JSON.stringify(result))
  return result.kind === 'impossible' ? `${result.position?.line ?? '-'} ${result.reason}` : ''
}

const FILE = `# top
users:
  # Alice
  alice: # a
    displayname: 'Alice' # dn
    password: |- # pw
      abc
      def
    groups:
    - 'x' # one
    # between
    - y
    # email: a
  # Bob
  "bob":
      displayname: Bob
      password: "x"

# tail
other: 1`

describe('in a file as people write it', () => {
  const cases: readonly (readonly [name: string, edit: YamlEdit, from: string, to: string])[] = [
    [
      'a new entry stands behind its neighbours, indented as they are',
      set('users.new', user),
      `"x"\n\n# tail`,
      `"x"\n  new:\n    displayname: 'New'\n    groups:\n      - 'a'\n\n# tail`,
    ],
    ['a value is replaced in its own quotes', set('users.bob.password', 'h'), 'password: "x"', 'password: "h"'],
    ['a plain value stays plain where it can', set('users.bob.displayname', 'R'), 'displayname: Bob', 'displayname: R'],
    [
      'and is quoted where it can not',
      set('users.bob.displayname', 'yes'),
      'displayname: Bob\n',
      "displayname: 'yes'\n",
    ],
    [
      'a block scalar is replaced and its comment stays',
      set('users.alice.password', 'h'),
      'password: |- # pw\n      abc\n      def\n',
      "password: 'h' # pw\n",
    ],
    [
      'a new field stands behind what is commented out',
      set('users.alice.email', "o'x@y"),
      '    # email: a\n',
      "    # email: a\n    email: 'o''x@y'\n",
    ],
    ['an item is written as the one before it', append('users.alice.groups', 'z'), '- y\n', '- y\n    - z\n'],
    ['an item goes with its comment', remove('users.alice.groups.0'), "    - 'x' # one\n", ''],
    [
      'an entry goes with what is within it, the comment in front of it stays',
      remove('users.bob'),
      `  "bob":\n      displayname: Bob\n      password: "x"\n`,
      '',
    ],
    ['a key at the top, behind a last line without an end', set('last', true), 'other: 1', 'other: 1\nlast: true\n'],
  ]
  for (const [name, edit, from, to] of cases) {
    test(name, () => {
      assert.ok(FILE.includes(from))
      assert.equal(
        edited(FILE, edit),
        FILE.replace(from, () => to),
      )
    })
  }

  test('the last entry leaves empty braces behind, and a new one takes their place', () => {
    const none = edited(FILE, remove('users.alice'), remove('users.bob'))
    assert.match(none, /^# top\nusers: \{\}\n {2}# Alice\n {2}# Bob\n\n# tail\nother: 1$/)
    assert.match(
      edited(none, set('users.carl.displayname', 'C')),
      /^users:\n {2}# Alice\n {2}# Bob\n {2}carl:\n {4}displayname: 'C'\n/m,
    )
  })
})

describe('where nobody is yet', () => {
  const NEW = "  new:\n    displayname: 'New'\n    groups:\n      - 'a'\n"
  for (const [before, after] of [
    ['', `users:\n${NEW}`],
    ['# only this', `# only this\nusers:\n${NEW}`],
    ['---\n', `---\nusers:\n${NEW}`],
    ['users:', `users:\n${NEW}`],
    ['users: # none\n\n# end', `users: # none\n${NEW}\n# end`],
    ['users:\n  # jane:\n', `users:\n  # jane:\n${NEW}`],
    ['users: {} # none\n', `users: # none\n${NEW}`],
    ['users: ~\nother: 1\n', `users:\n${NEW}other: 1\n`],
    ['users:\n  {}\n', `users:\n${NEW}`],
    ['{}\n', `users:\n${NEW}`],
    ['\ufeffusers:\n', `\ufeffusers:\n${NEW}`],
    ['users:\r\n', `users:\n${NEW}`.replaceAll('\n', '\r\n')],
    ['users:\n...\nrest: [', `users:\n${NEW}...\nrest: [`],
  ] as const) {
    test(JSON.stringify(before), () => assert.equal(edited(before, set('users.new', user)), after))
  }
})

describe('in braces and brackets', () => {
  test('on one line', () => {
    const text = "users: {alice: {name: 'A', groups: [x, 'y']}, bob: {name: B}} # all\n"
    assert.equal(
      edited(
        text,
        set('users.new', user),
        append('users.alice.groups', 'z'),
        set('users.alice.email', 'a@b'),
        remove('users.bob'),
      ),
      "users: {alice: {name: 'A', groups: [x, 'y', 'z'], email: 'a@b'}, new: {displayname: 'New', groups: ['a']}} # all\n",
    )
  })
  test('as JSON over several lines', () => {
    const text = '{\n  "users": {\n    "alice": {"name": "A"}, # 1\n    "bob": {"name": "B"} # 2\n  }\n}\n'
    const added = edited(text, set('users.new', user))
    assert.equal(added, text.replace('} # 2\n', '}, # 2\n    "new": {"displayname": "New", "groups": ["a"]}\n'))
    assert.equal(edited(added, remove('users.new')).replace(' # 2', ''), text.replace(' # 2', ''))
    assert.equal(edited(text, remove('users.alice')), text.replace('"alice": {"name": "A"}, #', '#'))
  })
  test('lines that are not indented, as YAML 1.1 allows them', () => {
    assert.equal(edited('a: [x,\ny\n]\nb: 1\n', append('a', 'z'), set('b', 2)), 'a: [x,\ny,\n z\n]\nb: 2\n')
  })
})

describe('anchors and aliases', () => {
  const SHARED =
    'users:\n  a: &a\n    name: A\n    password: p\n  b:\n    <<: *a\n    name: B\n  c: *a\n  d: {name: D, groups: &g [x]}\n  e: {groups: *g}\n'
  test('what an entry takes over from another is overridden in the entry', () => {
    assert.equal(
      edited(SHARED, set('users.b.password', 'q')),
      SHARED.replace('name: B\n', "name: B\n    password: 'q'\n"),
    )
  })
  test('an entry that is wholly another one becomes that one with a difference', () => {
    assert.equal(edited(SHARED, set('users.c.password', 'q')), SHARED.replace('c: *a', "c: {<<: *a, password: 'q'}"))
    assert.equal(edited(SHARED, set('users.e.groups', ['y'])), SHARED.replace('groups: *g', "groups: ['y']"))
  })
  test('what would change others too is refused', () => {
    for (const edit of [set('users.a.password', 'q'), remove('users.a'), append('users.d.groups', 'z')]) {
      assert.match(refused(SHARED, edit), /anchors, aliases/)
    }
    assert.match(refused(SHARED, append('users.e.groups', 'z')), /^10 this is made elsewhere, at the anchor &g$/)
    assert.match(refused(SHARED, remove('users.c.name')), /^8 .*&a/)
    assert.match(refused(SHARED, remove('users.b.password')), /^6 "password" is not written here$/)
  })
  test('an anchor stays where its value is replaced, a tag goes', () => {
    assert.equal(edited('a: &x !!str 1 # c\n', set('a', 'two')), 'a: &x two # c\n')
  })
})

test('tabs between things stay, and what is indented by spaces is not touched', () => {
  const text = 'users:\t# t\n  a:\t\n    password:\t"x"\t# c\n\t# far\n    groups:\t\n    -\ty\n'
  assert.equal(
    edited(text, set('users.a.password', 'h'), append('users.a.groups', 'z'), set('users.b', 1)),
    text.replace('"x"', '"h"').replace('-\ty\n', '-\ty\n    - z\n  b: 1\n'),
  )
})

test('several edits are all made or none', () => {
  const edits = [set('users.bob.password', 'h'), remove('users.nobody')]
  assert.match(refused(FILE, ...edits), /nothing of this name/)
})

test('a file that is not valid is refused with its problems', () => {
  const result = editYaml(Buffer.from('users:\n  a: 1\n  a: 2\n'), 'f.yml', [set('users.b', 1)])
  assert.equal(result.kind, 'invalid')
  assert.deepEqual(result.kind === 'invalid' && result.problems.map(({ code }) => code), ['duplicate-key'])
})

test('UTF-16 stays UTF-16', () => {
  const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le')
  for (const turn of [(bytes: Buffer) => bytes, (bytes: Buffer) => Buffer.from(bytes).swap16()]) {
    const result = editYaml(turn(utf16('a: "ä" # c\n')), 'f.yml', [set('a', 'ö')])
    assert.deepEqual(result.kind === 'ok' && Buffer.from(result.bytes), turn(utf16('a: "ö" # c\n')))
  }
})

test('a thousand new entries are one edit, not a thousand', () => {
  const names = Array.from({ length: 1000 }, (_, i) => `user${i}`)
  const before = process.cpuUsage()
  const text = edited(FILE, ...names.map((name) => set(`users.${name}`, user)))
  assert.ok(process.cpuUsage(before).user < 5_000_000)
  assert.equal(text.match(/^ {2}user\d+:$/gm)?.length, 1000)
})
