// Random edits of random files: nothing but what was meant changes, every comment stays, and so does the text of every other entry, byte for byte.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { editYaml, type YamlEdit } from '../../src/yaml/edit.ts'
import { sameTree } from '../../src/yaml/edited-tree.ts'
import type { Node } from '../../src/yaml/node.ts'
import { readYaml } from '../../src/yaml/read.ts'

/** One entry of the map: its lines without comments in front, each indented by what the file indents entries by. */
interface Entry {
  readonly name: string
  readonly text: string
}
interface File {
  readonly text: string
  readonly entries: readonly Entry[]
  readonly key: string
}

const word = fc.constantFrom(
  'alpha',
  'beta',
  'gamma',
  "it's",
  'a b',
  'ä€😀',
  '#x',
  'x: y',
  '{',
  'true',
  '007',
  '~',
  'end-',
)
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
let comments = 0
const comment = fc.constantFrom('', '', ' # c', '\t# c', '   # c').map((text) => (text ? `${text}${comments++}` : ''))

const scalar = fc.oneof(
  word.map(quoted),
  word.map((text) => JSON.stringify(text)),
  fc.constantFrom('plain', 'two words', '12', 'true', '2e3'),
)
const flowList = fc.array(scalar, { maxLength: 3 }).map((items) => `[${items.join(', ')}]`)
const field = fc.constantFrom('displayname', 'password', 'email', 'groups', 'disabled', 'note')

/** A field in lines of its own. */
const blockField = (indent: string, name: string) =>
  fc.oneof(
    fc.tuple(scalar, comment).map(([text, end]) => `${indent}${name}: ${text}${end}\n`),
    fc.tuple(flowList, comment).map(([text, end]) => `${indent}${name}:  ${text}${end}\n`),
    comment.map((end) => `${indent}${name}:${end}\n`),
    fc
      .tuple(fc.constantFrom('|', '>-', '|-', '|2', '>'), comment, word)
      .map(
        ([header, end, text]) =>
          `${indent}${name}: ${header}${end}\n${indent}  ${text}\n\n${indent}  ${text} # no comment\n`,
      ),
    fc
      .tuple(fc.boolean(), fc.array(fc.tuple(scalar, comment, comment), { minLength: 1, maxLength: 3 }), comment)
      .map(([flat, items, end]) => {
        const inner = flat ? indent : `${indent}  `
        return `${indent}${name}:${end}\n${items.map(([text, before, behind]) => `${before ? `${inner}${before.trim()}\n` : ''}${inner}- ${text}${behind}\n`).join('')}`
      }),
    fc.tuple(scalar, comment).map(([text, end]) => `${indent}? ${name}${end}\n${indent}: ${text}\n`),
  )

const fields = fc.uniqueArray(field, { minLength: 1, maxLength: 5 })

const entry = (indent: string, name: string) => {
  const key = fc.constantFrom(name, quoted(name), JSON.stringify(name))
  const block = fields.chain((names) =>
    fc
      .tuple(key, comment, ...names.map((each) => fc.tuple(blockField(`${indent}   `, each), comment)))
      .map(
        ([head, end, ...rest]) =>
          `${indent}${head}:${end}\n${rest.map(([text, before]) => (before ? `${indent}   ${before.trim()}\n\n${text}` : text)).join('')}`,
      ),
  )
  const flow = fields.chain((names) =>
    fc
      .tuple(
        key,
        comment,
        fc.boolean(),
        fc.boolean(),
        ...names.map(() => fc.tuple(fc.oneof(scalar, flowList), comment)),
      )
      .map(([head, end, spread, trailing, ...values]) => {
        const pairs = values.map(([text, behind], i) => ({ text: `${names[i]}: ${text}`, behind }))
        if (!spread) return `${indent}${head}: {${pairs.map(({ text }) => text).join(', ')}}${end}\n`
        const lines = pairs.map(
          ({ text, behind }, i) => `${indent}     ${text}${i < pairs.length - 1 || trailing ? ',' : ''}${behind}\n`,
        )
        return `${indent}${head}: {\n${lines.join('')}${indent}   }${end}\n`
      }),
  )
  return fc.oneof({ weight: 3, arbitrary: block }, flow).map((text): Entry => ({ name, text }))
}

const file = fc
  .record({
    indent: fc.constantFrom('  ', '    ', ' '),
    names: fc.uniqueArray(fc.constantFrom('alice', 'bob', 'carl', 'd e', "e'f", 'null', '12'), { maxLength: 4 }),
    eol: fc.constantFrom('\n', '\r\n'),
    bom: fc.boolean(),
    start: fc.constantFrom('', '---\n', '# top\n\n', '%YAML 1.1\n---\n', 'first: 1\n'),
    end: fc.constantFrom('', '\n# end\n', 'other:\n- 1 # one\n', '...\nnot: [yaml\n', '  # deeper\n', '---\nsecond: 1'),
    empty: fc.constantFrom('', ' {}', ' ~ # nobody', ' # nobody', '\n  {}', ' null'),
    ended: fc.boolean(),
  })
  .chain(({ names, ...shape }) =>
    fc
      .tuple(comment, ...names.map((name) => fc.tuple(entry(shape.indent, name), comment)))
      .map(([end, ...made]): File => {
        const body = made
          .map(([{ text }, before]) => (before ? `\n${shape.indent}${before.trim()}\n${text}` : text))
          .join('')
        const empty = made.length === 0 ? shape.empty : end
        const ends = (text: string): string => text.replaceAll('\n', shape.eol)
        let text = ends(`${shape.start}users:${empty}\n${body}${shape.end}`)
        const last = made.at(-1)?.[0].text ?? ''
        // A block scalar at the very end has another value without its line end.
        if (!shape.ended && !/[|>]/.test(last)) text = text.replace(/(?:\r?\n)+$/, '')
        const entries = made.map(([{ name, text: own }]) => ({ name, text: ends(own).trimEnd() }))
        return { text: (shape.bom ? '\ufeff' : '') + text, entries, key: 'users' }
      }),
  )

const value = fc.oneof(
  word,
  fc.boolean(),
  fc.array(word, { maxLength: 3 }),
  fc.constant(null),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
)
type Change = (names: readonly string[]) => { readonly edit: YamlEdit; readonly meant: string | undefined }
const pick = (names: readonly string[], at: number): string => names[at % names.length] ?? 'new'
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.nat(), field, value).map(
    ([at, name, put]): Change =>
      (names) => {
        const meant = pick(names, at)
        return { meant, edit: { kind: 'set', path: ['users', meant, name], value: put } }
      },
  ),
  fc.tuple(fc.nat(), word).map(
    ([at, put]): Change =>
      (names) => {
        const meant = pick(names, at)
        return { meant, edit: { kind: 'append', path: ['users', meant, 'groups'], value: put } }
      },
  ),
  fc.tuple(fc.nat(), fc.oneof(field, fc.nat({ max: 2 }))).map(
    ([at, part]): Change =>
      (names) => {
        const meant = pick(names, at)
        const path = typeof part === 'number' ? ['users', meant, 'groups', part] : ['users', meant, part]
        return { meant, edit: { kind: 'remove', path } }
      },
  ),
  fc.nat().map(
    (at): Change =>
      (names) => {
        const meant = pick(names, at)
        return { meant, edit: { kind: 'remove', path: ['users', meant] } }
      },
  ),
  fc.tuple(word, value).map(
    ([name, put]): Change =>
      (names) => {
        const meant = names.includes(name) ? undefined : name
        const fields = new Map<string, never>([['displayname', put as never]])
        return { meant, edit: { kind: 'set', path: ['users', `new ${name}`], value: fields } }
      },
  ),
)

const readOk = (text: string): Node => {
  const read = readYaml(text, 'users.yml')
  assert.equal(read.kind, 'ok', `${JSON.stringify(read)}\n${text}`)
  return read.kind === 'ok' ? read.root : assert.fail()
}
/** Numbered, so that each is another one. */
const commentsOf = (text: string): string[] => text.match(/# (?:c\d+|end|top|one|deeper|nobody)/g) ?? []

test('an edit changes what is meant and leaves the text of everything else as it is', () => {
  let made = 0
  let refused = 0
  fc.assert(
    fc.property(file, change, ({ text, entries }, changeOf) => {
      const before = readOk(text)
      const { edit, meant } = changeOf(entries.map(({ name }) => name))
      const result = editYaml(Buffer.from(text), 'users.yml', [edit])
      assert.notEqual(result.kind, 'invalid')
      if (result.kind !== 'ok') {
        refused++
        return
      }
      made++
      const after = Buffer.from(result.bytes).toString()
      const own = entries.find(({ name }) => name === meant)?.text
      for (const other of entries) {
        if (other.name !== meant) assert.ok(after.includes(other.text), `${other.name} changed:\n${text}\n→\n${after}`)
      }
      const removedWhole = edit.kind === 'remove'
      const within = own === undefined || !removedWhole ? [] : commentsOf(own)
      const left = commentsOf(after)
      const deeper = removedWhole ? ['# deeper'] : []
      for (const each of commentsOf(text)) {
        if (!within.includes(each) && !deeper.includes(each))
          assert.ok(left.includes(each), `${each} is lost:\n${text}\n→\n${after}`)
      }
      const now = readOk(after)
      for (const { name } of entries.filter((each) => each.name !== meant)) {
        const [one, other] = [before, now].map((root) => userNode(root, name))
        assert.ok(one && other && sameTree(one, other))
      }
      assert.equal(after.startsWith('\ufeff'), text.startsWith('\ufeff'))
      assert.equal(/(?<!\r)\n/.test(after), /(?<!\r)\n/.test(text) || !/\n/.test(text), 'line ends are mixed')
    }),
    { numRuns: 3000 },
  )
  assert.ok(made > refused, `${refused} refused of ${made + refused}`)
})

test('what is put in comes out again', () => {
  fc.assert(
    fc.property(file, value, ({ text, entries }, put) => {
      const fields = new Map<string, never>([['note', put as never]])
      const edit: YamlEdit = { kind: 'set', path: ['users', 'somebody'], value: fields }
      const result = editYaml(Buffer.from(text), 'users.yml', [edit])
      // Characters that YAML can't hold are refused.
      if (typeof put === 'string' && /[\ufffe\uffff]/.test(put)) return
      assert.equal(result.kind, 'ok', `${JSON.stringify(result)}\n${text}`)
      if (result.kind !== 'ok') return
      const node = userNode(readOk(Buffer.from(result.bytes).toString()), 'somebody')
      const note = node?.kind === 'map' ? node.entries.get('note')?.value : undefined
      const found =
        note?.kind === 'list'
          ? note.items.map((item) => item.kind === 'scalar' && item.value)
          : note?.kind === 'scalar'
            ? note.value
            : undefined
      assert.deepEqual(found, put)
      assert.ok(entries.every((each) => Buffer.from(result.bytes).toString().includes(each.text)))
    }),
    { numRuns: 2000 },
  )
})

test('any text at all: an edit is made or refused, never an exception, and a refusal says why', () => {
  const lines = fc.array(
    fc.constantFrom(
      'users:',
      '  a:',
      '  b: {x: 1}',
      '    x: 1',
      '# c',
      '- 1',
      '  - 2',
      '[',
      ']',
      '{',
      '}',
      '&a',
      '*a',
      '? k',
      ': v',
      '|',
      '>-',
      "'",
      '"',
      '---',
      '...',
      '\t',
      '<<: *a',
      'x: &a {y: 1}',
      '!t',
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        lines.map((all) => all.join('\n')),
        fc.string(),
      ),
      change,
      (text, changeOf) => {
        const result = editYaml(Buffer.from(text), 'users.yml', [changeOf(['a', 'b']).edit])
        if (result.kind === 'impossible') assert.ok(result.reason.length > 5)
        if (result.kind === 'ok') readOk(Buffer.from(result.bytes).toString())
      },
    ),
    { numRuns: 3000 },
  )
})

function userNode(root: Node, name: string): Node | undefined {
  const users = root.kind === 'map' ? root.entries.get('users')?.value : undefined
  return users?.kind === 'map' ? users.entries.get(name)?.value : undefined
}
