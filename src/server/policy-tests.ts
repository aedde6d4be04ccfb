// The operator's own cases for his rules, as the server needs them: where they are, and what they find. Their format is the policy folder's matter.
import type { Config } from '../config/config.ts'
import type { Policy } from '../policy/policy.ts'
import type { Problem } from '../yaml/problem.ts'

export interface PolicyTests {
  /** Absolute paths of the files that hold them, or would; they are watched. */
  files(config: Config): readonly string[]
  /** One problem a case that fails, and what is wrong with the files themselves; empty when all is well or there are none. */
  run(policy: Policy, config: Config): readonly Problem[]
}

export const NO_POLICY_TESTS: PolicyTests = { files: () => [], run: () => [] }
