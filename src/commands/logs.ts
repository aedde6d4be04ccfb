// latchkey logs: the security events, for whoever wants to know who signed in, who was refused, and who changed what.
import { setTimeout as sleep } from 'node:timers/promises'
import { Flags } from '@oclif/core'
import { AUDIT_KINDS, isAuditKind } from '../audit/kinds.ts'
import { Fault } from '../base/fault.ts'
import { momentOption } from '../cli/options/moment-option.ts'
import { StorageCommand, type StorageFlags, storageFlags } from '../cli/storage/storage-command.ts'
import { eventJson, eventLine, eventTable } from '../cli/trail/event-text.ts'
import type { StoredEvent } from '../storage/events.ts'
import { closestName } from '../yaml/closest-name.ts'

/** Rows of one question. */
const PAGE = 1000
const FOLLOW_EVERY = 1000
const KINDS = Object.keys(AUDIT_KINDS)
const FAILED = Object.entries(AUDIT_KINDS).flatMap(([kind, about]) => ('failed' in about ? [kind] : []))

export default class Logs extends StorageCommand {
  static override description =
    "Show security events, the newest at the end: a table on a terminal, a line each in a pipe. Times are UTC. What the kinds mean is in the reference of events. A server's own log is another thing: it goes to standard output, or to log.file_path."
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --user alice --since 7d',
    '<%= config.bin %> <%= command.id %> --failed --follow',
    '<%= config.bin %> <%= command.id %> --kind factor-added,factor-removed --all',
    '<%= config.bin %> <%= command.id %> --all --since 2026-01-01 --json > events.jsonl',
  ]
  static override flags = {
    ...storageFlags,
    user: Flags.string({ char: 'u', description: 'Only of this user.', helpValue: 'NAME' }),
    from: Flags.string({
      description: 'Only from this address or network; cli for what commands did.',
      helpValue: 'ADDRESS',
    }),
    kind: Flags.string({ char: 'k', multiple: true, delimiter: ',', description: 'Only these kinds.' }),
    failed: Flags.boolean({ description: 'Only what was refused, and bans.', exclusive: ['kind'] }),
    since: Flags.string({ description: 'Not before: so long ago, or a date.', helpValue: 'MOMENT' }),
    until: Flags.string({ description: 'Not after.', helpValue: 'MOMENT', exclusive: ['follow'] }),
    limit: Flags.integer({
      char: 'n',
      min: 1,
      max: 100_000,
      default: 100,
      description: 'The newest, so many.',
      helpValue: 'NUMBER',
    }),
    all: Flags.boolean({ description: 'All there are instead.' }),
    follow: Flags.boolean({ char: 'f', description: 'Go on with what comes, until Ctrl-C.' }),
    json: Flags.boolean({ description: 'A JSON object each, in a line of its own.' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Logs)
    const now = Date.now()
    const filter = {
      username: flags.user,
      from: flags.from,
      kinds: flags.failed ? FAILED : flags.kind?.map(kindOption),
      since: flags.since === undefined ? undefined : momentOption('since', flags.since, now),
      until: flags.until === undefined ? undefined : momentOption('until', flags.until, now),
    }
    const line = flags.json ? eventJson : eventLine
    let last = 0
    const tell = (events: readonly StoredEvent[]): void => {
      for (const event of events) this.log(line(event))
      last = events.at(-1)?.id ?? last
    }
    if (flags.all) await this.#everythingAfter(last, flags, filter, tell)
    else {
      const events = await this.#newest(flags.limit, flags, filter)
      if (flags.json || flags.follow || !process.stdout.isTTY) tell(events)
      else this.log(events.length > 0 ? eventTable(events) : 'No security events.')
    }
    while (flags.follow) {
      await sleep(FOLLOW_EVERY)
      await this.#everythingAfter(last, flags, filter, tell)
    }
  }

  async #newest(limit: number, flags: StorageFlags, filter: object): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = []
    while (events.length < limit) {
      const before = events.at(-1)?.id
      const asked = Math.min(PAGE, limit - events.length)
      const page = await this.act(flags, 'events.list', { ...filter, before, limit: asked })
      events.push(...page)
      if (page.length < asked) break
    }
    return events.reverse()
  }

  async #everythingAfter(
    id: number,
    flags: StorageFlags,
    filter: object,
    tell: (events: readonly StoredEvent[]) => void,
  ): Promise<void> {
    for (let after = id; ; ) {
      const page = await this.act(flags, 'events.list', { ...filter, after, limit: PAGE })
      tell(page)
      after = page.at(-1)?.id ?? after
      if (page.length < PAGE) return
    }
  }
}

/** @throws Fault `event-kind` */
function kindOption(text: string): string {
  if (isAuditKind(text)) return text
  const near = closestName(text, KINDS)
  throw new Fault('event-kind', `${JSON.stringify(text)} is no kind of security event.`, {
    hint: near === undefined ? `There are ${KINDS.join(', ')}.` : `Did you mean ${near}?`,
    exitCode: 2,
  })
}
