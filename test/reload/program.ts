// The server of the reload stories: as `latchkey serve` runs it, but each answer says which snapshot it is from, and the operator's cases for his
// rules are read from `rules-tests.yml`: a list of { url, policy }.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { load } from 'js-yaml'
import { parseIpAddress } from '../../src/base/ip-address.ts'
import { printFailure } from '../../src/cli/failure.ts'
import { serve, serveFlags } from '../../src/cli/serve.ts'
import { isMalformed } from '../../src/forwarded/malformed.ts'
import { targetOfUrl } from '../../src/forwarded/target.ts'
import { verdictFor } from '../../src/policy/decide.ts'
import { ANONYMOUS } from '../../src/policy/model.ts'
import type { PolicyTests } from '../../src/server/policy-tests.ts'

export const SNAPSHOT_HEADER = 'X-Latchkey-Snapshot'
const FILE = resolve('rules-tests.yml')

const policyTests: PolicyTests = {
  files: () => [FILE],
  run(policy) {
    if (!existsSync(FILE)) return []
    const cases = load(readFileSync(FILE, 'utf8')) as { url: string; policy: string }[]
    return cases.flatMap(({ url, policy: expected }, index) => {
      const target = targetOfUrl(url)
      const clientAddress = parseIpAddress('203.0.113.7')
      if (isMalformed(target) || clientAddress === undefined) throw new Error(`no URL: ${url}`)
      const { requirement } = verdictFor({ target, method: 'GET', clientAddress }, ANONYMOUS, policy)
      if (requirement === expected) return []
      const message = `${url} is ${requirement}, not ${expected}`
      return [{ severity: 'error', code: 'rules-test', message, position: { file: FILE, line: index + 1, column: 1 } }]
    })
  },
}

try {
  const flags = serveFlags(process.argv.slice(2))
  if (flags === undefined) throw new Error('these are no flags of serve')
  await serve(flags, { policyTests, snapshotHeader: SNAPSHOT_HEADER })
} catch (error) {
  process.exitCode = printFailure(error, false)
}
