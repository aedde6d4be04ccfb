import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptsHtml } from '../../src/protocol/accepts-html.ts'

test('pages are accepted by name, or by anything when it comes first', () => {
  const yes = [
    'text/html',
    'text/html; charset=utf-8',
    'application/json, text/html;q=0.9',
    '*/*',
    '*/*;q=0.1',
    'text/html;q=0',
    ' text/html',
  ]
  const no = [undefined, '', 'application/json', 'text/*', 'application/json, */*', 'TEXT/HTML', 'text/htmlx']
  for (const accept of yes) assert.equal(acceptsHtml(accept), true, accept)
  for (const accept of no) assert.equal(acceptsHtml(accept), false, accept)
})
