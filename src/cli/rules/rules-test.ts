// Runs the cases that lie beside a configuration, or that were named, and puts the outcome of all files together.
import { Fault } from '../../base/fault.ts'
import { findCases } from '../../config/read/find-cases.ts'
import { type ConfigFlags, loadRequest } from '../config/load-request.ts'
import { type CasesOutcome, runCaseFiles } from './case-files.ts'
import type { LoadedRules } from './rules-command.ts'

export interface RulesTestOutcome extends Omit<CasesOutcome, 'unreadable'> {
  readonly files: readonly string[]
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
export function runRulesTest(files: readonly string[], rules: LoadedRules): RulesTestOutcome {
  const { unreadable, ...outcome } = runCaseFiles(files, process.cwd(), rules)
  const [first] = unreadable
  if (first === undefined) return { files, ...outcome }
  const { message, hint } = first
  throw new Fault('rules-cases-unreadable', message, hint === undefined ? {} : { hint })
}
