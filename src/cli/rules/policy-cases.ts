// The operator's cases for his rules, as the server runs them before new rules are served: those that lie beside the configuration, with the people of
// the users file that is served with them.
import { resolve } from 'node:path'
import type { LoadRequest } from '../../config/load.ts'
import { findCases } from '../../config/read/find-cases.ts'
import type { PolicyTests } from '../../server/policy-tests.ts'
import { runCaseFiles } from './case-files.ts'

export function policyCases(request: LoadRequest): PolicyTests {
  return {
    files: () => findCases(request).map((file) => resolve(request.cwd, file)),
    run({ policy, users }) {
      const people = new Map([...users.users].map(([name, { user }]) => [name, user.groups]))
      const { failures, unreadable } = runCaseFiles(findCases(request), request.cwd, { policy, people })
      return [...unreadable, ...failures]
    },
  }
}
