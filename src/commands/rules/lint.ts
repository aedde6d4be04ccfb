// latchkey rules lint: says what in the access rules is valid and probably a mistake.
import { Flags } from '@oclif/core'
import { configFlags } from '../../cli/config/config-command.ts'
import { lintConfiguration } from '../../cli/rules/lint-configuration.ts'
import { RulesCommand } from '../../cli/rules/rules-command.ts'
import { count } from '../../cli/terminal/table.ts'
import { formatProblems } from '../../config/problem-text.ts'
import type { Problem } from '../../yaml/problem.ts'

export default class RulesLint extends RulesCommand {
  static override description =
    'Look for mistakes in the access rules: rules that are never reached and which rule is in the way, subjects nobody is, patterns that match more than they seem to, and more. Exit code 1 when something is found.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --config /etc/latchkey --ignore bypass-every-host',
    '<%= config.bin %> <%= command.id %> --json',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...configFlags,
    ignore: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'CODE',
      description: 'A kind of finding that is not wanted, by its code; may be given several times.',
    }),
  }

  async run(): Promise<{ rules: number; findings: readonly Problem[]; unchecked: readonly Problem[] }> {
    const { flags } = await this.parse(RulesLint)
    const { loaded, config, people, problems } = this.loadRules(flags)
    const ignored = new Set((flags.ignore ?? []).flatMap((codes) => codes.split(',')))
    const findings = lintConfiguration(loaded, people).filter(({ code }) => !ignored.has(code))
    const rules = config.accessControl.rules.length
    if (people === undefined)
      this.logToStderr(`${formatProblems(problems)}\nThe subjects of the rules are not looked up.\n`)
    for (const { code, message, hint, position } of findings) {
      const place = position ? `${position.file}:${position.line}:${position.column}  ` : ''
      this.log(`${place}${code}  ${message}${hint ? `\n    ${hint}` : ''}`)
    }
    const found = findings.length === 0 ? 'nothing to mend' : count(findings.length, 'finding')
    this.log(`${findings.length > 0 ? '\n' : ''}${count(rules, 'rule')}: ${found}.`)
    if (findings.length > 0) process.exitCode = 1
    return { rules, findings, unchecked: problems }
  }
}
