// What goes wrong is answered in few words, always the same, whatever was sent.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Ask, forwardAuth, portalHeaders, startLab } from './lab.ts'

const lab = await startLab({ quick: true, errorsExpected: true })
after(() => lab.close())

const { version, dependencies } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as { version: string; dependencies: Record<string, string> }

const CANARY = 'canary-7f3a'
const PORTAL = portalHeaders('auth.example.com')
const post = (type: string, body: string, path = '/api/firstfactor'): Ask => ({
  method: 'POST',
  path,
  body,
  headers: [
    ...PORTAL,
    ['Content-Type', type],
    ['Origin', 'https://auth.example.com'],
    ['Sec-Fetch-Site', 'same-origin'],
  ],
})

const ERRORS: readonly (readonly [string, readonly number[], Ask])[] = [
  ['not JSON', [400, 401], post('application/json', `{"username":"${CANARY}`)],
  ['a number for a name', [400, 401], post('application/json', `{"username":7,"password":"${CANARY}"}`)],
  ['another type of content', [400, 401, 415], post('text/plain', CANARY)],
  [
    'an unknown coding',
    [400, 401, 415],
    {
      ...post('application/json', CANARY),
      headers: [...(post('application/json', '').headers ?? []), ['Content-Encoding', CANARY]],
    },
  ],
  ['an unknown character set', [400, 401, 415], post(`application/json; charset=${CANARY}`, '{}')],
  ['far too much', [400], post('application/json', JSON.stringify({ username: CANARY.repeat(7_000) }))],
  [
    'a form that is too large',
    [413],
    post('application/x-www-form-urlencoded', `username=${CANARY.repeat(12_000)}`, '/'),
  ],
  ['a page that is not there', [404], { path: `/${CANARY}`, headers: PORTAL }],
  ['an API that is not there', [404], { path: `/api/${CANARY}`, headers: PORTAL }],
  ['ill-formed escapes', [400, 404], { path: `/%E0%A4%A/${CANARY}`, headers: PORTAL }],
  ['another method', [405], { method: 'DELETE', path: '/api/firstfactor', headers: PORTAL }],
  ['a host that is not ours', [404, 421], { path: '/', headers: portalHeaders(`${CANARY}.example.net`) }],
  ['a header that is too large', [431], { path: '/', headers: [...PORTAL, ['X-Much', CANARY.repeat(9000)]] }],
  ['no target at all', [400], { path: '/api/authz/forward-auth', headers: [['X-Canary', CANARY]] }],
  ['a target that is none', [400, 401, 403], forwardAuth(`https://one.example.com:${CANARY}/`)],
  ['an endpoint by another spelling', [404], { path: `/api/authz/forward-auth/${CANARY}`, headers: PORTAL }],
]

test('LOG-04 an error shows no stack, no path, no version, no library and nothing of what was sent', async () => {
  const told: string[] = []
  for (const [what, statuses, ask] of ERRORS) {
    const { status, headers, body } = await lab.ask({ ...ask, mayFail: true })
    if (!statuses.includes(status)) told.push(`${what}: ${status} ${body.slice(0, 80)}`)
    const text = `${JSON.stringify(headers)} ${body}`
    assert.doesNotMatch(text, /\bat .+:\d+:\d+|node:|node_modules|\/src\/|\/dist\/|SQLITE|SyntaxError|TypeError/, what)
    assert.ok(!text.includes(lab.folder), what)
    assert.ok(!text.includes(CANARY), `${what}: ${text.slice(0, 300)}`)
    assert.ok(!text.includes(version) && !text.includes(process.version), what)
    for (const name of ['x-powered-by', 'server']) assert.equal(headers[name], undefined, `${what}: ${name}`)
    for (const name of Object.keys(dependencies)) assert.doesNotMatch(text, new RegExp(`\\b${name}\\b`, 'i'), what)
    if (!body.includes('<html')) assert.ok(body.length < 200, `${what}: ${body}`)
  }
  assert.deepEqual(told, [])
})
