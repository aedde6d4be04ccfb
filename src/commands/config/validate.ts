// latchkey config validate: says whether a configuration would be accepted, and everything that is wrong with it. Opens no database and no network.
import { ConfigCommand, configFlags } from '../../cli/config-command.ts'
import { loadRequest } from '../../cli/load-request.ts'
import { loadConfig } from '../../config/load.ts'
import { formatProblems } from '../../config/problem-text.ts'
import type { Problem } from '../../yaml/problem.ts'

export default class ConfigValidate extends ConfigCommand {
  static override description =
    'Check a configuration and say everything that is wrong with it, each with file, line and column.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config configuration.yml',
    '<%= config.bin %> <%= command.id %> --config /etc/latchkey --json',
  ]
  static override enableJsonFlag = true
  static override flags = configFlags
  static override aliases = ['validate-config']

  async run(): Promise<{ valid: boolean; problems: readonly Problem[] }> {
    const { flags } = await this.parse(ConfigValidate)
    const request = loadRequest(flags)
    const loaded = loadConfig(request)
    const problems = loaded.kind === 'ok' ? loaded.warnings : loaded.problems
    const valid = loaded.kind === 'ok'
    if (problems.length > 0) this.logToStderr(formatProblems(problems))
    const warnings = problems.filter((problem) => problem.severity === 'warning').length
    const errors = problems.length - warnings
    const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`
    if (valid) this.log(`${request.paths.join(', ')}: valid${warnings > 0 ? `, ${count(warnings, 'warning')}` : ''}`)
    else this.log(`${request.paths.join(', ')}: not valid, ${count(errors, 'error')}, ${count(warnings, 'warning')}`)
    if (!valid) process.exitCode = 1
    return { valid, problems }
  }
}
