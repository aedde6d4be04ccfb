import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')

test('types, shape and validator are what the schemas say', () => {
  const run = spawnSync(process.execPath, ['scripts/gen.ts', '--check'], { cwd: root, encoding: 'utf8' })
  assert.equal(run.stderr, '')
  assert.equal(run.status, 0)
})

test('every key of every schema is described', () => {
  const bare: string[] = []
  for (const file of globSync('schemas/*.schema.json', { cwd: root })) {
    visit(JSON.parse(readFileSync(join(root, file), 'utf8')), file)
  }
  assert.deepEqual(bare, [])

  function visit(schema: { [key: string]: unknown }, at: string): void {
    for (const [key, value] of Object.entries(
      (schema['properties'] ?? {}) as { [key: string]: { [key: string]: unknown } },
    )) {
      if (typeof value['description'] !== 'string' && value['$ref'] === undefined) bare.push(`${at} ${key}`)
      visit(value, `${at} ${key}`)
    }
  }
})

test('no section of the configuration takes keys that are not listed, except what is not built', () => {
  const open = globSync('schemas/*.schema.json', { cwd: root }).filter((file) =>
    /"additionalProperties": true/.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.deepEqual(open.sort(), ['schemas/identity-providers.schema.json', 'schemas/users.schema.json'])
})
