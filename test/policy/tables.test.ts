// Runs the tables of cases in `tables/`: rules, who asks for what, what is demanded.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { compilePolicy } from '../../src/policy/compile.ts'
import { decide, verdictFor } from '../../src/policy/decide.ts'
import { explain } from '../../src/policy/explain.ts'
import type { Decision, Requirement } from '../../src/policy/model.ts'
import { accessControl, person, request, type WrittenRule } from './fixture.ts'

interface Table {
  readonly name: string
  readonly default_policy?: Requirement
  readonly networks?: Readonly<Record<string, readonly string[]>>
  readonly rules: readonly WrittenRule[]
  readonly cases: readonly {
    readonly id: string
    readonly who: string | readonly string[]
    readonly url: string | readonly string[]
    readonly method?: string | readonly string[]
    readonly ip?: string
    readonly want: Requirement | 'default' | readonly (Requirement | 'default')[]
    readonly answer?: Decision['kind']
  }[]
}

const PEOPLE = { john: ['dev', 'admins'], bob: [], sam: [], alice: ['admins'] }
const each = <T>(value: T | readonly T[] | undefined, otherwise: T): readonly T[] =>
  value === undefined ? [otherwise] : Array.isArray(value) ? value : [value as T]

const folder = join(import.meta.dirname, 'tables')
for (const file of readdirSync(folder)) {
  const tables = load(readFileSync(join(folder, file), 'utf8')) as readonly Table[]
  for (const table of tables) {
    const policy = compilePolicy(accessControl(table.rules, table.default_policy, table.networks), ['example.com'])
    for (const one of table.cases)
      test(`${one.id}: ${table.name}`, () => {
        for (const who of each(one.who, 'anon'))
          for (const url of each(one.url, ''))
            for (const method of each(one.method, 'GET')) {
              const asked = request(url, method, one.ip)
              const identity = person(who, PEOPLE)
              const decision = decide(asked, identity, policy)
              const { requirement, rule } = decision.verdict
              const got = rule === 0 && table.default_policy === undefined ? 'default' : requirement
              assert.ok(each(one.want, 'default').includes(got), `${who} ${method} ${url}: ${got}, wanted ${one.want}`)
              if (one.answer) assert.equal(decision.kind, one.answer, `${who} ${method} ${url}`)
              if (!who.endsWith('0')) assert.deepEqual(verdictFor(asked, identity, policy), decision.verdict)
              assert.deepEqual(explain(asked, identity, policy).decision, decision)
            }
      })
  }
}
