// Runs the cases that lie beside a configuration, or that were named, and puts the outcome of all files together.
import { readFileSync } from 'node:fs'
import { Fault } from '../base/fault.ts'
import { findCases } from '../config/read/find-cases.ts'
import { reasonOf } from '../config/read/find-files.ts'
import { runPolicyCases } from '../policy/cases/run-cases.ts'
import type { RuleNumber } from '../policy/model.ts'
import type { Problem } from '../yaml/problem.ts'
import { type ConfigFlags, loadRequest } from './load-request.ts'
import type { LoadedRules } from './rules-command.ts'

export interface RulesTestOutcome {
  readonly files: readonly string[]
  /** Requests answered as wanted. */
  readonly passed: number
  readonly failures: readonly Problem[]
  readonly untouchedRules: readonly RuleNumber[]
}

/** Paths of the files that were named, else of those that lie beside the configuration. @throws Fault `rules-cases-missing` */
export function caseFiles(named: readonly string[], flags: ConfigFlags): readonly string[] {
  if (named.length > 0) return named
  const found = findCases(loadRequest(flags))
  if (found.length > 0) return found
  throw new Fault('rules-cases-missing', 'There are no cases for the rules beside the configuration.', {
    hint: 'Write rules.test.yml there, or name a file. A case looks so: - cases: [{ who: anon, url: https://app.example.com/, want: one_factor }]',
  })
}

/** @throws Fault `rules-cases-unreadable` */
export function runRulesTest(files: readonly string[], { policy, people }: LoadedRules): RulesTestOutcome {
  const results = files.map((file) => runPolicyCases(readCases(file), policy, { file, people }))
  return {
    files,
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failures: results.flatMap(({ failures }) => failures),
    untouchedRules: policy.rules
      .map(({ number }) => number)
      .filter((number) => results.every(({ untouchedRules }) => untouchedRules.includes(number))),
  }
}

function readCases(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new Fault('rules-cases-unreadable', `The cases in ${file} can't be read: ${reasonOf(cause)}.`, {
      hint: 'Check the path and that you may read it.',
      cause,
    })
  }
}
