// Groups of commands say in package.json what they are; oclif would take the first command's description in its place.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')

test('every group of commands has a description, and every description a group or an alias', () => {
  const commands = globSync('**/*.ts', { cwd: join(root, 'src', 'commands') })
  const groups = new Set(
    commands.flatMap((file) => {
      const parts = dirname(file).split('/')
      return parts[0] === '.' ? [] : parts.map((_, at) => parts.slice(0, at + 1).join(':'))
    }),
  )
  const { topics } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).oclif
  const described = Object.keys(topics)
  // Authelia's name of `rules`.
  groups.add('access-control')
  assert.deepEqual(described.toSorted(), [...groups].toSorted())
})
