// Runs the tables of cases in `tables/`, whose format is the operator's: rules, who asks for what, what is demanded.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readPolicyCases } from '../../src/policy/cases/read-cases.ts'
import { judgeCase } from '../../src/policy/cases/run-cases.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { decide, verdictFor } from '../../src/policy/decide.ts'
import { explain } from '../../src/policy/explain.ts'
import { accessControl, person, request } from './fixture.ts'
import { tableFiles, tablesIn } from './tables.ts'

const PEOPLE = { john: ['dev', 'admins'], bob: [], sam: [], alice: ['admins'] }
const people = new Map(Object.entries(PEOPLE))

for (const file of tableFiles()) {
  const read = readPolicyCases(readFileSync(file), file)
  assert.ok(read.kind === 'ok', JSON.stringify(read))
  for (const [i, own] of tablesIn([file]).entries()) {
    const policy = compilePolicy(accessControl(own.rules, own.default_policy, own.networks), ['example.com'])
    const table = read.tables[i]
    assert.ok(table?.name === own.name)
    for (const one of table.cases)
      test(`${one.id}: ${table.name}`, () => {
        assert.ok(one.url.length > 0)
        const outcomes = judgeCase(one, table, policy, people)
        assert.deepEqual(
          outcomes.flatMap(({ failure }) => failure?.message ?? []),
          [],
        )
        assert.equal(outcomes.length, one.who.length * one.url.length * one.method.length)
        for (const who of one.who)
          for (const url of one.url)
            for (const method of one.method) {
              const asked = request(url, method, one.ip)
              const identity = person(who, PEOPLE)
              const decision = decide(asked, identity, policy)
              const { rule } = decision.verdict
              if (own.default_policy === undefined && rule === 0) assert.ok(one.want.includes('default'))
              if (!who.endsWith('0')) assert.deepEqual(verdictFor(asked, identity, policy), decision.verdict)
              assert.deepEqual(explain(asked, identity, policy).decision, decision)
            }
      })
  }
}
