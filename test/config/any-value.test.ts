// Every key of the schemas with every kind of value that has no business there: a verdict, never a throw.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEPRECATED_KEYS } from '../../src/config/deprecated.ts'
import { interpret } from '../../src/config/load.ts'
import { keyPaths } from '../../src/config/shape.ts'
import type { MapNode } from '../../src/yaml/node.ts'
import { readYaml } from '../../src/yaml/read.ts'
import { LEAST, merged } from './loading.ts'

const VALUES = [null, '', 'x', -1, true, [], {}, [null], [[]], [{}], [[null]], { a: { b: [1] } }, '2020-01-01']

/** A tree in which `value` stands at a path such as `session.cookies[].domain`. */
function treeAt(path: string, value: unknown): { [key: string]: unknown } {
  const steps = path.replaceAll('[]', '.[]').replaceAll('*', 'name').split('.')
  const tree = steps.reduceRight<unknown>((below, key) => (key === '[]' ? [below] : { [key]: below }), value)
  return tree as { [key: string]: unknown }
}

function kindOf(tree: { [key: string]: unknown }): string {
  const yaml = readYaml(JSON.stringify(tree).replace('"2020-01-01"', '2020-01-01'), 'c.yml')
  if (yaml.kind === 'invalid') throw new Error('the test wrote no YAML')
  const root = yaml.root as MapNode
  return interpret({ root, complete: true, files: [], directories: [], problems: [] }, '/nonexistent').kind
}

test('no value of any key makes loading throw', () => {
  const verdicts = { ok: 0, invalid: 0 }
  for (const path of new Set([...keyPaths(), ...DEPRECATED_KEYS])) {
    for (const value of VALUES) {
      const tree = merged(LEAST, treeAt(path, value))
      try {
        verdicts[kindOf(tree) as 'ok' | 'invalid']++
      } catch (error) {
        assert.fail(`${path}: ${JSON.stringify(value)} throws ${error instanceof Error ? error.stack : String(error)}`)
      }
    }
  }
  assert.ok(verdicts.ok > 500 && verdicts.invalid > 500, JSON.stringify(verdicts))
})
