import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { createFileTransport } from '../../src/notify/file.ts'
import { DeliveryFailure } from '../../src/notify/message.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const clock = manualClock(Date.UTC(2026, 0, 2, 3, 4, 5))
const never = new AbortController().signal
const message = {
  to: { address: 'alice@example.com', name: 'Alice' },
  title: 'Confirm your identity',
  text: 'Type this:\n\nABCD2345\n',
  html: '<p>ABCD2345</p>',
}

test('the file holds the latest message in the layout of Authelia, for its owner alone', async (t) => {
  const path = join(temporaryFolder(t), 'deep', 'er', 'mail.txt')
  const file = createFileTransport({ kind: 'file', path }, clock)
  assert.equal(file.place, path)
  await file.check(never)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  await file.deliver({ ...message, text: 'a much longer text that was there before\n'.repeat(9) }, never)
  await file.deliver(message, never)
  assert.equal(
    readFileSync(path, 'utf8'),
    'Date: 2026-01-02 03:04:05.000 +0000 UTC\nRecipient: {Alice alice@example.com}\nSubject: Confirm your identity\nType this:\n\nABCD2345\n\n\n',
  )
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
})

test('the check leaves what is in the file, and says what keeps it from being written', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'mail.txt')
  writeFileSync(path, 'the code that somebody waits for')
  await createFileTransport({ kind: 'file', path }, clock).check(never)
  assert.equal(readFileSync(path, 'utf8'), 'the code that somebody waits for')
  mkdirSync(join(folder, 'taken'))
  for (const wrong of [join(folder, 'taken'), join(path, 'below')]) {
    const file = createFileTransport({ kind: 'file', path: wrong }, clock)
    // One after the other: nobody listens to a rejection that comes while another one is awaited.
    for (const work of [() => file.check(never), () => file.deliver(message, never)]) {
      await assert.rejects(work, (error) => error instanceof DeliveryFailure && error.kind === 'unreachable')
    }
  }
})
