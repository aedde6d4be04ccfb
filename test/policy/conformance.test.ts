// The recorded answers of a real Authelia, as far as they follow from the policy alone: who asks is taken from the case's state, the target
// from the headers. What proxies and headers have to do with it is the gate's.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compilePolicy } from '../../src/policy/compile.ts'
import { decide } from '../../src/policy/decide.ts'
import type { AccessRequest } from '../../src/policy/model.ts'
import { accessControl, person, request, type WrittenRule } from './fixture.ts'

interface Case {
  readonly id: string
  readonly state: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers: readonly (readonly [string, string])[]
  }
  readonly want: { readonly status: number }
}
interface Divergence {
  readonly id: string
  readonly recorded?: number
  readonly answer: 'closed' | 'query kept' | readonly number[]
}

const read = <T>(...path: string[]): T => JSON.parse(readFileSync(join(import.meta.dirname, ...path), 'utf8')) as T
const cases = read<Case[]>('..', 'conformance', 'authz.json')
const divergences = read<Divergence[]>('..', 'conformance', 'authz-divergences.json')
const { people, networks, rules } = read<{
  readonly people: Readonly<Record<string, readonly string[]>>
  readonly networks: Readonly<Record<string, readonly string[]>>
  readonly rules: readonly WrittenRule[]
}>('conformance-rules.json')

const policy = compilePolicy(accessControl(rules, 'deny', networks), ['example.com', 'example2.com'])

/** The target of a forward-auth or auth-request case; undefined for what only a gate can read. */
function targetOf({ request: { path, headers } }: Case): AccessRequest | undefined {
  const all = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]))
  const ip = all.get('x-forwarded-for') ?? '203.0.113.9'
  if (path.startsWith('/api/authz/auth-request')) {
    const url = all.get('x-original-url')
    return url === undefined ? undefined : request(url, all.get('x-original-method'), ip)
  }
  if (!path.startsWith('/api/authz/forward-auth')) return undefined
  return request(
    `https://${all.get('x-forwarded-host')}${all.get('x-forwarded-uri') ?? ''}`,
    all.get('x-forwarded-method'),
    ip,
  )
}

/** 200 passes, 403 is refused, everything else asks to sign in. */
const kindOf = (status: number) => (status === 200 ? 'allow' : status === 403 ? 'deny' : 'challenge')

const groups = new Map<string, Case[]>()
for (const one of cases) {
  const [area = '', name = ''] = one.id.split('/')
  if (area === 'acl' || area === 'matrix' || area === 'bypassM' || area === 'method') {
    const key = area === 'acl' ? `${area}/${name}` : area
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
}

let compared = 0
for (const [name, members] of groups) {
  test(`Authelia’s answers: ${name}`, () => {
    for (const one of members) {
      // redirects and refusals of a gate, and the anonymous statuses of malformed requests, are no answers of a policy
      const asked = targetOf(one)
      if (asked === undefined || ![200, 302, 303, 401, 403].includes(one.want.status)) continue
      compared++
      const got = decide(asked, person(one.state, people), policy).kind
      if (got === kindOf(one.want.status)) continue
      const meant = divergences.some(({ id, answer }) => answer === 'closed' && new RegExp(id).test(one.id))
      assert.ok(meant && got !== 'allow', `${one.id}: ${got}, Authelia ${one.want.status}`)
    }
  })
}

test('enough of the recorded answers were compared', () => assert.ok(compared > 600, String(compared)))

test('an answer that differs from Authelia’s is stricter', () => {
  for (const one of cases.filter(({ id }) => id.startsWith('acl/'))) {
    const asked = targetOf(one)
    if (asked && one.want.status !== 200)
      assert.notEqual(decide(asked, person(one.state, people), policy).kind, 'allow', one.id)
  }
})
