// The operator's cases for his rules, from their files to their outcome: for `rules test`, and for the server before it serves new rules.
import { resolve } from 'node:path'
import { readBounded } from '../../base/read-bounded.ts'
import { reasonOf } from '../../config/read/find-files.ts'
import { type KnownPeople, runPolicyCases } from '../../policy/cases/run-cases.ts'
import type { RuleNumber } from '../../policy/model.ts'
import type { Policy } from '../../policy/policy.ts'
import { MAX_BYTES } from '../../yaml/decode-text.ts'
import type { Problem } from '../../yaml/problem.ts'

export interface CasesOutcome {
  /** Requests answered as wanted. */
  readonly passed: number
  readonly failures: readonly Problem[]
  /** Rules that no case of any file touches. */
  readonly untouchedRules: readonly RuleNumber[]
  /** A problem for each file that can't be read. */
  readonly unreadable: readonly Problem[]
}

/** @param files as they shall stand in positions; relative ones lie in `cwd` */
export function runCaseFiles(
  files: readonly string[],
  cwd: string,
  { policy, people }: { readonly policy: Policy; readonly people: KnownPeople },
): CasesOutcome {
  const unreadable: Problem[] = []
  const results = files.flatMap((file) => {
    const text = read(resolve(cwd, file))
    if (typeof text !== 'string') return runPolicyCases(text, policy, { file, people })
    const message = `The cases in ${file} can't be read: ${text}.`
    const hint = 'Check the path, and who may read it.'
    unreadable.push({
      severity: 'error',
      code: 'unreadable-file',
      message,
      hint,
      position: { file, line: 1, column: 1 },
    })
    return []
  })
  return {
    passed: results.reduce((sum, { passed }) => sum + passed, 0),
    failures: results.flatMap(({ failures }) => failures),
    untouchedRules: policy.rules
      .map(({ number }) => number)
      .filter((number) => results.every(({ untouchedRules }) => untouchedRules.includes(number))),
    unreadable,
  }
}

/** Its content, or why it can't be read. */
function read(path: string): Uint8Array | string {
  try {
    // One byte more than is accepted, so that the reader of text says what is wrong.
    return readBounded(path, MAX_BYTES) ?? new Uint8Array(MAX_BYTES + 1)
  } catch (error) {
    return reasonOf(error)
  }
}
