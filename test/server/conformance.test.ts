// The recorded answers of a real Authelia, byte for byte over a socket: the gate answers the same, or more strictly where
// authz-divergences.json says so and why.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { WrittenRule } from '../policy/fixture.ts'
import { COOKIE, startLab } from './gate-lab.ts'
import type { RawResponse } from './raw-http.ts'

type Headers = readonly (readonly [string, string])[]
interface Summary {
  status: number
  location?: string
  [header: string]: string | number | undefined
}
interface Case {
  readonly id: string
  /** `anon`, or a user and the level of his session. */
  readonly state: string
  readonly domain: string
  readonly cookieValue?: string
  readonly request: { readonly method: string; readonly path: string; readonly headers: Headers }
  readonly want: Summary
}
interface Divergence {
  readonly id: string
  readonly recorded?: number
  readonly answer: 'closed' | 'query kept' | readonly number[]
  readonly why: string
}

const read = <T>(...path: string[]): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', ...path), 'utf8')) as T
const cases = read<Case[]>('conformance', 'authz.json')
const divergences = read<Divergence[]>('conformance', 'authz-divergences.json')
const { rules, networks } = read<{ rules: WrittenRule[]; networks: Record<string, string[]> }>(
  'policy',
  'conformance-rules.json',
)

const lab = await startLab({
  rules,
  networks,
  cookies: [
    { domain: 'example.com', portalUrl: 'https://login.example.com:8080/' },
    { domain: 'example2.com', portalUrl: 'https://auth.example2.com/' },
  ],
  users: {
    john: { displayName: 'John Smith', emails: ['john@example.com'], groups: ['dev', 'admins'] },
    bob: { displayName: 'Bob' },
    sam: { displayName: 'Sam Ünï', emails: ['sam@example.com'] },
    sally: { displayName: 'Sally', emails: ['sally@example.com'], groups: ['dev', 'admins'] },
  },
})
after(() => lab.close())

/** Query order aside. */
function location(value: string): string {
  const url = URL.parse(value)
  if (url === null) return value
  url.searchParams.sort()
  return `${url.origin}${url.pathname}?${url.searchParams}`
}
const COMPARED = [
  'www-authenticate',
  'proxy-authenticate',
  'remote-user',
  'remote-groups',
  'remote-name',
  'remote-email',
]
function summary({ status, headers }: RawResponse): Summary {
  const out: Summary = { status }
  if (headers['location']) out.location = location(headers['location'])
  for (const name of COMPARED) if (headers[name]) out[name] = headers[name]
  return out
}
const canonical = (answer: Summary): string => JSON.stringify(Object.entries(answer).sort())

/** The recorded answer, whose way back also has the query that the request had. */
function withQuery({ want, request: { path } }: Case): Summary {
  const url = new URL(want.location ?? '')
  url.searchParams.set('rd', url.searchParams.get('rd') + path.slice(path.indexOf('?')))
  return { ...want, location: location(url.href) }
}
const isMeant = (one: Case, got: Summary): boolean =>
  divergences.some(({ id, recorded, answer }) => {
    if (!new RegExp(id).test(one.id) || (recorded !== undefined && recorded !== one.want.status)) return false
    if (answer === 'closed') return got.status >= 300 && !got['remote-user']
    if (answer !== 'query kept') return answer.includes(got.status)
    return Boolean(one.want.location) && one.request.path.includes('?') && canonical(withQuery(one)) === canonical(got)
  })

async function answerTo({ state, domain, cookieValue, request }: Case): Promise<Summary> {
  const headers = [...request.headers]
  if (state !== 'anon') headers.push(['Cookie', `${COOKIE}=${state}@${domain}`])
  if (cookieValue !== undefined) headers.push(['Cookie', `${COOKIE}=${cookieValue}`])
  return summary(await lab.ask({ ...request, headers }))
}

const areas = Map.groupBy(cases, ({ id }) => id.split('/', 1)[0] ?? '')
let meant = 0
for (const [area, some] of areas) {
  test(`${area}: ${some.length} requests are answered as recorded, or as listed`, async () => {
    const differ: string[] = []
    for (const one of some) {
      const got = await answerTo(one)
      if (canonical(got) === canonical(one.want)) continue
      if (isMeant(one, got)) meant++
      else differ.push(`${one.id}\n  want ${JSON.stringify(one.want)}\n  got  ${JSON.stringify(got)}`)
    }
    assert.deepEqual(differ, [])
  })
}

test('all 1,421 requests were sent, and few were meant to differ', () => {
  assert.equal(cases.length, 1421)
  assert.ok(meant > 0 && meant < 150, `${meant} differ on purpose`)
  assert.deepEqual(
    lab.log.filter(({ level }) => level === 'error'),
    [],
  )
})
