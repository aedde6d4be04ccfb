import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { Fault } from '../../../src/base/fault.ts'
import { printFailure } from '../../../src/cli/failures/failure.ts'

/** What is printed while `work` runs. */
function printed(t: TestContext, work: () => number): { code: number; out: string; err: string } {
  const text = { out: '', err: '' }
  const catching = (name: 'out' | 'err') => (chunk: string | Uint8Array) => {
    text[name] += String(chunk)
    return true
  }
  const mocks = [
    t.mock.method(process.stdout, 'write', catching('out')),
    t.mock.method(process.stderr, 'write', catching('err')),
  ]
  const code = work()
  for (const mock of mocks) mock.mock.restore()
  return { code, ...text }
}

test('a fault says what is wrong, what the system said about a file, and what to try', (t) => {
  let cause: unknown
  try {
    readFileSync('/nonexistent/x')
  } catch (error) {
    cause = error
  }
  const fault = new Fault('tls-file', 'It can’t be read.', { hint: 'Look there.', cause })
  const { code, out, err } = printed(t, () => printFailure(fault, false))
  assert.deepEqual([code, out], [3, ''])
  assert.equal(
    err,
    "latchkey: It can’t be read.\n  ENOENT: no such file or directory, open '/nonexistent/x'\n  Look there.\n",
  )
})

test('with --json it is data on standard output', (t) => {
  const fault = new Fault('totp-exists', 'There is one.', { hint: 'Use --force.', exitCode: 1 })
  const { code, out, err } = printed(t, () => printFailure(fault, true))
  assert.deepEqual([code, err], [1, ''])
  assert.deepEqual(JSON.parse(out), { error: { code: 'totp-exists', message: 'There is one.', hint: 'Use --force.' } })
})

test('anything else is a bug of ours, with its stack and exit code 70', (t) => {
  const { code, err } = printed(t, () => printFailure(new TypeError('x is not a function'), false))
  assert.equal(code, 70)
  assert.match(err, /This is a bug in Latchkey.*\nTypeError: x is not a function\n +at .*failure\.test\.ts/)
})
