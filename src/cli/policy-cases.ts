// The operator's cases for his rules, as the server runs them before new rules are served: those that lie beside the configuration, with the people of
// the users file that is served with them.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { LoadRequest } from '../config/load.ts'
import { findCases } from '../config/read/find-cases.ts'
import { reasonOf } from '../config/read/find-files.ts'
import { runPolicyCases } from '../policy/cases/run-cases.ts'
import type { PolicyTests } from '../server/policy-tests.ts'
import type { Problem } from '../yaml/problem.ts'

export function policyCases(request: LoadRequest): PolicyTests {
  return {
    files: () => findCases(request).map((file) => resolve(request.cwd, file)),
    run({ policy, users }) {
      const people = new Map([...users.users].map(([name, { user }]) => [name, user.groups]))
      return findCases(request).flatMap((file): readonly Problem[] => {
        const text = read(resolve(request.cwd, file))
        if (typeof text !== 'string') return runPolicyCases(text, policy, { file, people }).failures
        const message = `The cases in ${file} can't be read: ${text}.`
        const position = { file, line: 1, column: 1 }
        return [{ severity: 'error', code: 'unreadable-file', message, hint: 'Check who may read it.', position }]
      })
    },
  }
}

/** Its content, or why it can't be read. */
function read(path: string): Uint8Array | string {
  try {
    return readFileSync(path)
  } catch (error) {
    return reasonOf(error)
  }
}
