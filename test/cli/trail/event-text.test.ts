import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventJson, eventLine, eventTable } from '../../../src/cli/trail/event-text.ts'
import type { StoredEvent } from '../../../src/storage/events.ts'

const START = Date.UTC(2026, 0, 31, 12)
const event: StoredEvent = {
  id: 7,
  time: START,
  kind: 'sign-in-refused',
  username: 'alice',
  from: '203.0.113.7',
  subject: '1fa',
  reason: 'wrong-password',
  session: '',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64)',
  times: 3,
  lastTime: START + 1000,
}
const signIn: StoredEvent = {
  ...event,
  kind: 'sign-in',
  reason: '',
  session: 'ab'.repeat(32),
  times: 1,
  userAgent: '',
}

test('a table for a terminal', () => {
  assert.equal(
    eventTable([event, signIn]),
    [
      'Time                 Event            User   From         About  Reason          Session       Times  Browser',
      '2026-01-31 12:00:00  sign-in-refused  alice  203.0.113.7  1fa    wrong-password  -             3      Linux',
      '2026-01-31 12:00:00  sign-in          alice  203.0.113.7  1fa    -               abababababab  -      -',
    ].join('\n'),
  )
})

test('a line for a pipe: what there is nothing to say of is left out, what is no plain word is quoted', () => {
  assert.equal(
    eventLine(event),
    '2026-01-31T12:00:00.000Z sign-in-refused from=203.0.113.7 user=alice about=1fa reason=wrong-password times=3 browser="Mozilla/5.0 (X11; Linux x86_64)"',
  )
  assert.equal(
    eventLine(signIn),
    '2026-01-31T12:00:00.000Z sign-in from=203.0.113.7 user=alice about=1fa session=abababababab',
  )
})

test('a JSON object for a program: every field, times as dates', () => {
  assert.deepEqual(JSON.parse(eventJson(event)), {
    ...event,
    time: '2026-01-31T12:00:00.000Z',
    lastTime: '2026-01-31T12:00:01.000Z',
  })
})

test('INJ-07 what another version or hand wrote into the database steers no terminal and makes no line', () => {
  const nasty = { ...event, kind: 'x\n', username: 'a\u001b[2J\n2026', userAgent: '\u202e\u009b' }
  for (const text of [eventTable([nasty]), eventLine(nasty), eventJson(nasty)]) {
    assert.doesNotMatch(text.replace(/^.*\n/, ''), /[\u0000-\u001f\u007f-\u009f\u202e]/)
  }
  assert.equal(eventJson(nasty).split('\n').length, 1)
  assert.equal(JSON.parse(eventJson(nasty)).username, nasty.username)
})
