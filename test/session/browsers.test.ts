import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { manualClock } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/secret.ts'
import { BROWSER_COOKIE, createBrowsers } from '../../src/session/browsers.ts'

const browsers = createBrowsers(manualClock(Date.UTC(2026, 0, 1)))
const asking = (cookie?: string) => ({ headers: { cookie } }) as unknown as IncomingMessage

function answering() {
  const headers = new Map<string, unknown>([['set-cookie', ['other=1; Path=/']]])
  const response = {
    getHeader: (name: string) => headers.get(name.toLowerCase()),
    setHeader: (name: string, value: unknown) => void headers.set(name.toLowerCase(), value),
  } as unknown as ServerResponse
  return { response, lines: () => headers.get('set-cookie') as string[] }
}
const markIn = (line = ''): string => /^[^=]+=([^;]*)/.exec(line)?.[1] ?? ''

test('a browser gets a mark that only the portal sees, and is known by its hash', () => {
  const { response, lines } = answering()
  const id = browsers.give(response)
  const [other, line = ''] = lines()
  assert.equal(other, 'other=1; Path=/')
  assert.match(
    line,
    /^__Host-latchkey_browser=[\w-]{43}; Path=\/; Expires=Fri, 05 Feb 2027 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax$/,
  )
  assert.equal(id, sha256(markIn(line)).toString('hex'))
  assert.equal(browsers.idOf(asking(`a=b; ${BROWSER_COOKIE}=${markIn(line)}`)), id)
  assert.notEqual(browsers.give(answering().response), id)
})

test('what is no mark of ours is none: missing, misshapen, or two of them', () => {
  const one = 'x'.repeat(43)
  for (const cookie of [undefined, `${BROWSER_COOKIE}=`, `${BROWSER_COOKIE}=${one}y`, `${BROWSER_COOKIE}="${one}"`])
    assert.equal(browsers.idOf(asking(cookie)), undefined, cookie)
  assert.equal(
    browsers.idOf(asking(`${BROWSER_COOKIE}=${one}; ${BROWSER_COOKIE}=${'y'.repeat(43)}`)),
    undefined,
    'somebody else set one of them',
  )
})

test('a mark is kept as it is, in one cookie line', () => {
  const mark = 'm'.repeat(43)
  const { response, lines } = answering()
  browsers.give(response)
  browsers.keep(asking(`${BROWSER_COOKIE}=${mark}`), response)
  assert.equal(lines().filter((line) => line.startsWith(BROWSER_COOKIE)).length, 1)
  assert.equal(markIn(lines().at(-1)), mark)
  const untouched = answering()
  browsers.keep(asking(), untouched.response)
  assert.equal(untouched.lines().length, 1)
})
