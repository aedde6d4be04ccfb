// Holds the table of README.md to the truth: a row that is said to be covered is named by a test, in each of the files it names.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const folder = join(import.meta.dirname, '..')
const table = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
const rows = [...table.matchAll(/^\| ([A-Z]+-?\d+)(?: ★)? \| [^|]+ \| ([^|]+) \|$/gm)].map(([, id = '', by = '']) => ({
  id,
  by,
  files: [...by.matchAll(/`([^`]+\.(?:ts|yml))`/g)].map(([, file = '']) => file),
}))

/** Ids stand at the beginning of names: of a test, of a table's case, or of a question that a test is made of. */
const isNamed = (id: string, text: string): boolean =>
  new RegExp(`(?:['"\`]|id: )(?:[A-Z]+-?\\d+ )*${id}\\b`).test(text)

test('every row of the table is covered by the files it names, or says why it is left out', () => {
  assert.ok(rows.length >= 110, `${rows.length} rows`)
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'each once')
  for (const { id, by, files } of rows) {
    if (files.length === 0) assert.match(by, /^left out: \w/, id)
    for (const file of files) {
      const path = join(folder, file)
      assert.ok(existsSync(path), `${id}: ${file} is gone`)
      assert.ok(isNamed(id, readFileSync(path, 'utf8')), `${id} is no name in ${file}`)
    }
  }
})
