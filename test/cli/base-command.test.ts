import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { BaseCommand } from '../../src/cli/base-command.ts'
import { latchkey } from '../commands/run.ts'

const commands = join(import.meta.dirname, '..', '..', 'src', 'commands')

test('every command is a BaseCommand, so that all fail in the same way', async () => {
  const others: string[] = []
  for (const file of globSync('**/*.ts', { cwd: commands })) {
    const { default: command } = await import(join(commands, file))
    if (!(command.prototype instanceof BaseCommand)) others.push(file)
  }
  assert.deepEqual(others, [])
})

test('with --json a fault and a wrong use are the same few words of data, whichever command it is', () => {
  for (const [args, code, exitCode] of [
    [['cert', 'show', 'missing.crt'], 'certificate-file', 3],
    [['hash', 'tune', '--target', '1h'], 'tune-target', 2],
    [['autocomplete', 'tcsh'], 'usage', 2],
    [['version', '--nope'], 'unknown-flag', 2],
    [['build-info', 'word'], 'unknown-argument', 2],
  ] as const) {
    const ran = latchkey([...args, '--json'])
    assert.equal(ran.code, exitCode, args.join(' '))
    const { error, ...more } = JSON.parse(ran.stdout)
    assert.deepEqual(more, {})
    assert.equal(error.code, code)
    assert.deepEqual(
      Object.keys(error).filter((key) => !['code', 'message', 'hint'].includes(key)),
      [],
    )
    assert.ok(error.message.length > 0)
  }
})
