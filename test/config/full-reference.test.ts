import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { makeSelfSigned } from '../../src/certs/authority.ts'
import { fullReference } from '../../src/config/full-reference.ts'
import { NOT_BUILT } from '../../src/config/not-built.ts'
import { keyPaths } from '../../src/config/shape.ts'
import type { Node } from '../../src/yaml/node.ts'
import { readYaml } from '../../src/yaml/read.ts'
import { loadText, problemsOf } from './loading.ts'

const text = fullReference()
const uncommented = text.replace(/^( *)# (?!yaml-language-server)/gm, '$1')

function tree(yaml: string): Node {
  const read = readYaml(yaml, 'full.yml')
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.problems))
  return read.root
}

/** Every path in it, names of an operator's choice as `*`. */
function pathsOf(node: Node, path = ''): string[] {
  const base = path.replace(/(?:\[\])+$/, '[]')
  const named = ['server.endpoints.authz', 'definitions.network', 'definitions.user_attributes']
  const isNamed = named.includes(path) || path.endsWith('.extra_attributes')
  switch (node.kind) {
    case 'scalar':
      return [base]
    case 'list':
      return [base, ...node.items.flatMap((item) => (item.kind === 'scalar' ? [] : pathsOf(item, `${base}[]`)))]
    case 'map':
      return [
        base,
        ...[...node.entries].flatMap(([key, { value }]) =>
          pathsOf(value, [path, isNamed ? '*' : key].filter(Boolean).join('.')),
        ),
      ]
  }
}

/** Lists of lists as lists. */
const withoutNesting = (path: string): string => path.replace(/(?:\[\])+/g, '[]')

describe('the file with every key', () => {
  test('has every key that is built and not deprecated', () => {
    const there = new Set(pathsOf(tree(uncommented)).map(withoutNesting))
    const old = ['default_redirection_url', 'session.domain', 'access_control.networks']
    const left = keyPaths().filter((path) => {
      const isOld = old.some((key) => path === key || path.startsWith(`${key}[`))
      const isRefused = Object.keys(NOT_BUILT).some((key) => path === key || path.startsWith(`${key}.`))
      return !isOld && !isRefused && !there.has(withoutNesting(path))
    })
    assert.deepEqual(left, [])
  })

  test('sets nothing as it stands', () => {
    const scalars: string[] = []
    const visit = (node: Node, path: string): void => {
      if (node.kind === 'map') for (const [key, { value }] of node.entries) visit(value, `${path}.${key}`)
      else if (node.kind === 'list' || node.type !== 'null') scalars.push(path)
    }
    visit(tree(text), '')
    assert.deepEqual(scalars, [])
    const missing = problemsOf(loadText(text)).filter(({ severity }) => severity === 'error')
    assert.deepEqual(
      missing.filter(({ message }) => !/is required|needs|has no rules/.test(message)),
      [],
    )
  })

  test('is valid with everything set and its secrets filled in, by file or by mail', async () => {
    const { certificate, privateKey } = await makeSelfSigned(
      { dns: ['smtp.example.com'] },
      { now: Date.now(), days: 1 },
    )
    const secret = 'a-secret-that-only-this-test-knows-0123456789'
    const filled = uncommented
      .replace("encryption_key: ''", `encryption_key: '${secret}'`)
      .replace("jwt_secret: ''", `jwt_secret: '${secret}'`)
      .replace(/private_key: "-----BEGIN.*/, `private_key: ${JSON.stringify(privateKey)}`)
      .replace(/certificate_chain: "-----BEGIN.*/, `certificate_chain: ${JSON.stringify(certificate)}`)
    const withoutSection = (name: string): string =>
      filled.replace(new RegExp(`^  ${name}:\\n(?:(?: {4}.*)?\\n)*`, 'm'), '')
    for (const without of ['smtp', 'filesystem']) {
      const problems = problemsOf(loadText(withoutSection(without)))
      assert.deepEqual(
        problems.filter(({ severity, code }) => severity === 'error' || !/no-effect-yet|odd-value/.test(code)),
        [],
      )
    }
  })

  test('explains every key', () => {
    const lines = text.split('\n')
    const bare = lines.filter((line, i) => /^ *(?:# )?(?:- )*[\w-]+:/.test(line) && !/^ *##/.test(lines[i - 1] ?? ''))
    assert.deepEqual(bare, ['# yaml-language-server: $schema=configuration.schema.json'])
  })
})
