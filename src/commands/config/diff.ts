// latchkey config diff: what differs between two configurations, or between what a running server runs on and the files: what a reload would change,
// and what waits for a restart.
import { Args } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { changesText } from '../../cli/config/changes-text.ts'
import { type ConfigFlags, loadRequest } from '../../cli/config/load-request.ts'
import { ServerCommand, serverFlags } from '../../cli/server/server-command.ts'
import { type Change, changesBetween, type Side } from '../../config/changes.ts'
import { effectiveConfig } from '../../config/effective.ts'
import { formatProblems } from '../../config/problem-text.ts'
import type { RunningDiff } from '../../server/running-diff.ts'

export default class ConfigDiff extends ServerCommand {
  static override description =
    'Say what differs between two configurations; with none named, between what the running server runs on and what its files say now: what a reload would change, and what needs a restart. Values are compared by what they mean ("5m" and 300 are one time). Secrets are compared, never shown. Exit code 0: no difference, 1: there is one.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config /etc/latchkey',
    '<%= config.bin %> <%= command.id %> configuration.yml.before configuration.yml',
    '<%= config.bin %> <%= command.id %> /backup/latchkey --config /etc/latchkey --json',
  ]
  static override enableJsonFlag = true
  static override args = {
    before: Args.string({ description: 'A configuration; default: what the running server has.', ignoreStdin: true }),
    after: Args.string({ description: 'What it is compared with; default: --config.', ignoreStdin: true }),
  }
  static override flags = serverFlags

  async run(): Promise<{ same: boolean; changes: readonly Change[] }> {
    const { args, flags } = await this.parse(ConfigDiff)
    const changes =
      args.before === undefined
        ? changesOf((await this.ask(flags, 'config-diff')) as RunningDiff)
        : changesBetween(
            sideOrFail({ ...flags, config: [args.before] }),
            sideOrFail(args.after === undefined ? flags : { ...flags, config: [args.after] }),
          )
    this.log(changesText(changes))
    if (changes.length > 0) process.exitCode = 1
    return { same: changes.length === 0, changes }
  }
}

function sideOrFail(flags: ConfigFlags): Side {
  const request = loadRequest(flags)
  const effective = effectiveConfig(request)
  if (effective.kind === 'ok') return effective
  throw notValid(request.paths.join(', '), effective.problems)
}

function changesOf(diff: RunningDiff): readonly Change[] {
  if (diff.kind === 'ok') return diff.changes
  throw notValid('what the files say now', diff.problems)
}

const notValid = (what: string, problems: Parameters<typeof formatProblems>[0]): Fault =>
  new Fault('configuration-invalid', `${what} is not valid\n${formatProblems(problems)}`)
