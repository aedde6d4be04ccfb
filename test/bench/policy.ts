// How much a decision costs with 10 rules and with 10,000 rules over 1,000 hosts, how long those take to compile, and what they weigh.
// A program, not a test: `node --expose-gc test/bench/policy.ts`. Medians of interleaved rounds in one process. What a gate's request takes
// besides (some 30,000 ns) isn't in it, so that the last ratio tells what rules add to one.
import { parseIpAddress } from '../../src/base/ip-address.ts'
import type { AccessControlConfig, RuleConfig } from '../../src/config/config.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { decide } from '../../src/policy/decide.ts'
import type { AccessRequest, Identity } from '../../src/policy/model.ts'
import type { Policy } from '../../src/policy/policy.ts'

const NOTHING = {
  domain: [],
  domainRegex: [],
  subject: [],
  networks: [],
  resources: [],
  methods: [],
  query: [],
  position: undefined,
}

/** Ten rules about one host: exact, wildcard, {user} and pattern domains, with and without resources, subjects, methods, networks. */
function rulesOf(name: string, zone: string): readonly RuleConfig[] {
  const host = `${name}.${zone}`
  return [
    { ...NOTHING, domain: [host], resources: ['^/public(/.*)?$', '\\.(css|js|png)$'], policy: 'bypass' },
    { ...NOTHING, domain: [host], resources: ['^/admin(/.*)?$'], subject: [['group:admins']], policy: 'two_factor' },
    { ...NOTHING, domain: [host], resources: ['^/admin(/.*)?$'], policy: 'deny' },
    {
      ...NOTHING,
      domain: [host],
      resources: [`^/api/v[0-9]+/${name}/[a-z]+$`],
      methods: ['GET'],
      policy: 'one_factor',
    },
    { ...NOTHING, domain: [host], networks: ['10.0.0.0/8'], methods: ['OPTIONS'], policy: 'bypass' },
    { ...NOTHING, domain: [`*.${host}`], subject: [['group:dev'], ['user:john']], policy: 'two_factor' },
    { ...NOTHING, domain: [`{user}.${host}`], policy: 'one_factor' },
    {
      ...NOTHING,
      domainRegex: [`^(?P<User>[a-z]+)\\.home\\.${name}\\.${zone.replaceAll('.', '\\.')}$`],
      policy: 'one_factor',
    },
    { ...NOTHING, domainRegex: [`^(www|web)\\.${name}\\.${zone.replaceAll('.', '\\.')}$`], policy: 'bypass' },
    { ...NOTHING, domain: [host], policy: 'one_factor' },
  ]
}

const accessControl = (hosts: readonly string[]): AccessControlConfig => ({
  defaultPolicy: 'deny',
  networks: {},
  rules: hosts.flatMap((name) => rulesOf(name, 'example.com')),
})

const clientAddress = parseIpAddress('203.0.113.9')
if (clientAddress === undefined) throw new Error('no address')
const john: Identity = {
  kind: 'user',
  username: 'john',
  groups: ['dev', 'admins'],
  displayName: 'John',
  emails: [],
  level: 2,
}
const PATHS = ['/', '/public/a.html', '/admin/users', '/api/v1/app7/list', '/static/site.css', '/x/y/z?page=2']
const PREFIXES = ['', '', '', '', 'a.', 'john.', 'john.home.', 'www.']

function requests(hosts: readonly string[]): readonly AccessRequest[] {
  return hosts.flatMap((name) =>
    PREFIXES.map((prefix, i) => {
      const [path = '/', query] = (PATHS[i % PATHS.length] ?? '/').split('?')
      const target = {
        scheme: 'https',
        host: `${prefix}${name}.example.com`,
        port: undefined,
        path,
        query,
        url: '',
      } as const
      return { target, method: 'GET', clientAddress } as AccessRequest
    }),
  )
}

/** Nanoseconds a decision. */
function time(policy: Policy, asked: readonly AccessRequest[], decisions: number): number {
  const start = process.hrtime.bigint()
  let allowed = 0
  for (let i = 0, at = 0; i < decisions; i++, at = at + 1 === asked.length ? 0 : at + 1) {
    const one = asked[at]
    if (one && decide(one, john, policy).kind === 'allow') allowed++
  }
  const elapsed = Number(process.hrtime.bigint() - start) / decisions
  if (allowed === 0) throw new Error('nothing was allowed')
  return elapsed
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const heap = () => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const few = ['app0']
const many = Array.from({ length: 1000 }, (_, i) => `app${i}`)
compilePolicy(accessControl(many.slice(0, 100)), ['example.com'])
const config = accessControl(many)
const before = heap()
const start = performance.now()
const large = compilePolicy(config, ['example.com'])
const compiling = performance.now() - start
const weight = heap() - before
const small = compilePolicy(accessControl(few), ['example.com'])

const ROUNDS = 7
const DECISIONS = 400_000
const askedOfFew = requests(few)
const askedOfMany = requests(many)
const results = { few: [] as number[], same: [] as number[], all: [] as number[] }
time(large, askedOfMany, askedOfMany.length * 4)
time(small, askedOfFew, askedOfMany.length * 4)
const used = heap() - before
for (let round = 0; round < ROUNDS; round++) {
  results.few.push(time(small, askedOfFew, DECISIONS))
  results.same.push(time(large, askedOfFew, DECISIONS))
  results.all.push(time(large, askedOfMany, DECISIONS))
}
const allocated = (() => {
  const from = heap()
  time(large, askedOfFew, 100_000)
  return (process.memoryUsage().heapUsed - from) / 100_000
})()
const cold = (() => {
  const fresh = compilePolicy(config, [])
  return time(fresh, askedOfMany, 40_000)
})()

const [a, b, c] = [median(results.few), median(results.same), median(results.all)]
console.log(`10 rules                                ${a.toFixed(0)} ns a decision`)
console.log(`10,000 rules, requests for one host     ${b.toFixed(0)} ns   speed ratio ${(a / b).toFixed(2)}`)
console.log(`10,000 rules, requests for 8,000 hosts  ${c.toFixed(0)} ns   speed ratio ${(a / c).toFixed(2)}`)
console.log(`  beside 30,000 ns of a gate's request  ratio ${((30_000 + a) / (30_000 + c)).toFixed(3)}`)
console.log(`10,000 rules, host not remembered       ${cold.toFixed(0)} ns`)
console.log(`allocated                               ${allocated.toFixed(0)} bytes a decision`)
console.log(`compiling 10,000 rules                  ${compiling.toFixed(0)} ms`)
console.log(
  `weight of 10,000 rules                  ${(weight / 2 ** 20).toFixed(1)} MiB compiled, ${(used / 2 ** 20).toFixed(1)} MiB in use`,
)
