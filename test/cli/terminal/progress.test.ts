import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProgress } from '../../../src/cli/terminal/progress.ts'
import { table } from '../../../src/cli/terminal/table.ts'

function output(isTTY: boolean) {
  let text = ''
  return {
    isTTY,
    write: (more: string) => {
      text += more
    },
    text: () => text,
  }
}

test('in a pipe there is a plain line at every tenth', () => {
  const out = output(false)
  const progress = createProgress('Copying', out)
  for (let i = 0; i <= 1000; i++) progress.at(i, 1000)
  progress.end()
  assert.equal(out.text().split('\n').length, 12)
  assert.match(out.text(), /^Copying: 0 %\nCopying: 10 %\n[\s\S]*Copying: 100 %\n$/)
})

test('on a terminal one line changes, not more often than can be seen, and ends', () => {
  const out = output(true)
  let now = 0
  const progress = createProgress('Copying', out, () => now)
  for (let i = 0; i <= 1000; i++) {
    now += 1
    progress.at(i, 1000)
  }
  progress.end()
  progress.end()
  assert.ok(out.text().split('\r').length < 14, out.text())
  assert.match(out.text(), /^\rCopying: {3}0 %[\s\S]*\rCopying: 100 %\n$/)
})

test('work on nothing is done', () => {
  const out = output(false)
  createProgress('Copying', out).at(0, 0)
  assert.equal(out.text(), 'Copying: 100 %\n')
})

test('what somebody else wrote can’t steer the terminal that shows it', () => {
  assert.equal(
    table(['A', 'B'], [['\u001b[31mred\r\n', undefined]]),
    'A                          B\n\\u001b[31mred\\u000d\\u000a  -',
  )
})
