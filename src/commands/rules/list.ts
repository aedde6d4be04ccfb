// latchkey rules list: the access rules in the order in which they are asked, as the server reads them.
import { Flags } from '@oclif/core'
import { configFlags } from '../../cli/config/config-command.ts'
import { ruleText } from '../../cli/rules/rule-text.ts'
import { placeOfRule, RulesCommand } from '../../cli/rules/rules-command.ts'
import type { RuleConfig } from '../../config/config.ts'
import { rulesOf } from '../../policy/host-index.ts'
import { hostReadings } from '../../policy/readings.ts'

type ListedRule = RuleConfig & { readonly number: number }

export default class RulesList extends RulesCommand {
  static override description =
    'List the access rules in their order. With --host only those that can have a say on that host.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --host app.example.com',
    '<%= config.bin %> <%= command.id %> --config /etc/latchkey --json',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...configFlags,
    host: Flags.string({ helpValue: 'NAME', description: 'Only the rules that are asked about this host.' }),
  }

  async run(): Promise<{ defaultPolicy: string; rules: readonly ListedRule[] }> {
    const { flags } = await this.parse(RulesList)
    const { config, policy } = this.loadRules(flags)
    const { rules: written, defaultPolicy } = config.accessControl
    const { host } = flags
    const asked =
      host === undefined
        ? undefined
        : new Set(
            hostReadings(host).flatMap((one) => [...rulesOf(policy.hosts.rulesFor(one))].map(({ number }) => number)),
          )
    const rules = written
      .map((rule, i) => ({ number: i + 1, ...rule }))
      .filter(({ number }) => asked === undefined || asked.has(number))
    const width = String(written.length).length
    for (const rule of rules)
      this.log(
        `${String(rule.number).padStart(width)}  ${rule.policy.padEnd(10)}  ${ruleText(rule)}  (${placeOfRule(rule.number, written)})`,
      )
    this.log(`${' '.repeat(width)}  ${defaultPolicy.padEnd(10)}  everything else (default_policy)`)
    return { defaultPolicy, rules }
  }
}
