// latchkey rules test: runs the operator's cases on the access rules, and says which rules no case touches.
import { Flags } from '@oclif/core'
import { watch } from 'chokidar'
import { configFlags } from '../../cli/config/config-command.ts'
import { type ConfigFlags, loadRequest } from '../../cli/config/load-request.ts'
import { printFailure } from '../../cli/failures/failure.ts'
import { ruleText } from '../../cli/rules/rule-text.ts'
import { type LoadedRules, placeOfRule, RulesCommand } from '../../cli/rules/rules-command.ts'
import { caseFiles, type RulesTestOutcome, runRulesTest } from '../../cli/rules/rules-test.ts'
import { formatProblems } from '../../config/problem-text.ts'

/** Milliseconds after the last of several changes. */
const AT_REST = 300

export default class RulesTest extends RulesCommand {
  static override description =
    'Run the cases for the access rules: rules.test.yml or configuration.test.yml beside the configuration, every *.test.yml of a configuration directory, or the files named. Exit code 1 when a case fails.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> more.test.yml --config /etc/latchkey --complete',
    '<%= config.bin %> <%= command.id %> --watch',
  ]
  static override enableJsonFlag = true
  static override strict = false
  static override usage = '<%= command.id %> [FILE...] [-c PATH...] [--complete] [--watch] [--json]'
  static override flags = {
    ...configFlags,
    complete: Flags.boolean({ description: 'Fail as well when there are rules that no case touches.' }),
    watch: Flags.boolean({ description: 'Run them again whenever a file changes, until Ctrl-C.', exclusive: ['json'] }),
  }

  async run(): Promise<RulesTestOutcome & { readonly ok: boolean }> {
    const { flags, argv } = await this.parse(RulesTest)
    const named = argv.map(String)
    if (flags.watch) return this.#watch(named, flags)
    return this.#once(named, flags)
  }

  #once(
    named: readonly string[],
    flags: ConfigFlags & { readonly complete: boolean },
  ): RulesTestOutcome & { ok: boolean } {
    const rules = this.loadRules(flags)
    if (rules.people === undefined) this.logToStderr(formatProblems(rules.problems))
    const outcome = runRulesTest(caseFiles(named, flags), rules)
    const ok = outcome.failures.length === 0 && !(flags.complete && outcome.untouchedRules.length > 0)
    this.#print(outcome, rules)
    process.exitCode = ok ? 0 : 1
    return { ...outcome, ok }
  }

  #print({ files, passed, failures, untouchedRules }: RulesTestOutcome, { config }: LoadedRules): void {
    const { rules } = config.accessControl
    if (failures.length > 0) this.log(`${formatProblems(failures)}\n`)
    this.log(`${files.join(', ')}: ${passed} passed, ${failures.length} failed.`)
    if (untouchedRules.length === 0) return
    this.log(`\nNo case touches ${untouchedRules.length} of ${rules.length} rules:`)
    for (const number of untouchedRules) {
      const rule = rules[number - 1]
      if (rule) this.log(`  ${number}  ${rule.policy}  ${ruleText(rule)}  (${placeOfRule(number, rules)})`)
    }
  }

  /** Never returns: a signal ends it. What can't be loaded is said, and waited for. */
  async #watch(named: readonly string[], flags: ConfigFlags & { readonly complete: boolean }): Promise<never> {
    const watcher = watch([...loadRequest(flags).paths, ...named], { ignoreInitial: true })
    const follow = (): void => {
      const { config } = this.loadRules(flags)
      watcher.add([
        ...config.sourceFiles,
        ...config.sourceDirectories,
        config.directory.file.path,
        ...caseFiles(named, flags),
      ])
    }
    const round = (): void => {
      try {
        follow()
        this.#once(named, flags)
      } catch (error) {
        process.exitCode = printFailure(error, false)
      }
      this.log(`\nWatching; Ctrl-C ends it.`)
    }
    let timer: NodeJS.Timeout | undefined
    watcher.on('all', () => {
      clearTimeout(timer)
      timer = setTimeout(round, AT_REST)
    })
    try {
      follow()
    } catch {
      // The first round says why.
    }
    // Not before every file is watched: what changes from then on is seen.
    watcher.once('ready', round)
    return new Promise<never>(() => {})
  }
}
