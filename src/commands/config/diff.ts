// latchkey config diff: what differs between two configurations, or between what a running server runs on and the files: what a reload would change,
// and what waits for a restart.
import { randomBytes } from 'node:crypto'
import { Args } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { callServer } from '../../cli/admin-client.ts'
import { changesText } from '../../cli/changes-text.ts'
import { ConfigCommand, configFlags } from '../../cli/config-command.ts'
import { type ConfigFlags, loadRequest } from '../../cli/load-request.ts'
import { type Change, type Comparable, changesBetween, comparable } from '../../config/changes.ts'
import { type Effective, effectiveConfig, type Source } from '../../config/effective.ts'
import { pointerOfSteps } from '../../config/entries.ts'
import { pathOf } from '../../config/places.ts'
import { formatProblems } from '../../config/problem-text.ts'
import type { LineValue } from '../../yaml/one-line.ts'

interface ToldValue {
  readonly path: string
  readonly value?: LineValue
  readonly secret?: true
  readonly source?: Source
}
interface ToldChange {
  readonly path: string
  readonly change: 'added' | 'removed' | 'changed'
  readonly effect: 'reload' | 'restart'
  readonly before: readonly ToldValue[]
  readonly after: readonly ToldValue[]
}

export default class ConfigDiff extends ConfigCommand {
  static override description =
    'Say what differs between two configurations; with none named, between what the running server runs on and the files: what a reload would change, and what needs a restart. Values are compared by what they mean ("5m" and 300 are one time). Secrets are compared, never shown. Exit code 0: no difference, 1: there is one.'
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
  static override flags = configFlags

  async run(): Promise<{ same: boolean; changes: readonly ToldChange[] }> {
    const { args, flags } = await this.parse(ConfigDiff)
    const salt = randomBytes(16).toString('base64')
    const read = (named: ConfigFlags): Extract<Effective, { kind: 'ok' }> => effectiveOrFail(named)
    const now = read(args.after === undefined ? flags : { ...flags, config: [args.after] })
    const before =
      args.before === undefined
        ? await runningOrFail(now.storagePath, salt)
        : comparable(read({ ...flags, config: [args.before] }).entries, salt)
    const changes = changesBetween(before, comparable(now.entries, salt))
    this.log(changesText(changes))
    if (changes.length > 0) process.exitCode = 1
    return { same: changes.length === 0, changes: changes.map(told) }
  }
}

function effectiveOrFail(flags: ConfigFlags): Extract<Effective, { kind: 'ok' }> {
  const effective = effectiveConfig(loadRequest(flags))
  if (effective.kind === 'ok') return effective
  const where = loadRequest(flags).paths.join(', ')
  throw new Fault('configuration-invalid', `${where} is not valid\n${formatProblems(effective.problems)}`, {
    exitCode: 3,
  })
}

async function runningOrFail(storagePath: string, salt: string): Promise<readonly Comparable[]> {
  const answer = await callServer(storagePath, 'config', { salt })
  if (answer.kind === 'answered') return answer.value as readonly Comparable[]
  throw new Fault('no-server', `No server runs on ${storagePath}.`, {
    hint: 'Start it, or name two configurations: latchkey config diff BEFORE AFTER.',
  })
}

/** As data for other programs. The salted digests mean nothing to anybody. */
function told({ path, before, after, restart }: Change): ToldChange {
  const values = (side: readonly Comparable[] | undefined): readonly ToldValue[] =>
    (side ?? []).map(({ steps, value, source }) => ({
      path: pathOf(pointerOfSteps(steps)),
      ...(value === undefined ? { secret: true as const } : { value }),
      ...(source && { source }),
    }))
  return {
    path,
    change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    effect: restart === undefined ? 'reload' : 'restart',
    before: values(before),
    after: values(after),
  }
}
