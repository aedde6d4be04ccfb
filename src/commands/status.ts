// latchkey status: how a running server is, whether what it serves is what its files say, and if not, why.
import { ServerCommand, serverFlags } from '../cli/server/server-command.ts'
import { count } from '../cli/terminal/table.ts'
import { formatProblems } from '../config/problem-text.ts'
import type { ServerStatus } from '../server/status.ts'

export default class Status extends ServerCommand {
  static override description =
    'Show how a running server is. Exit code 1: its files are not valid and it serves what was before them; 3: no server runs.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config configuration.yml',
    '<%= config.bin %> <%= command.id %> --config /etc/latchkey --json',
  ]
  static override enableJsonFlag = true
  static override flags = serverFlags

  async run(): Promise<ServerStatus> {
    const { flags } = await this.parse(Status)
    const status = (await this.ask(flags, 'status')) as ServerStatus
    if (status.stale) process.exitCode = 1
    if (!this.jsonEnabled()) this.#print(status)
    return status
  }

  #print(status: ServerStatus): void {
    const { lastReload: last, snapshot, files, restart, certificate } = status
    const row = (name: string, value: string): void => this.log(`${name.padEnd(12)}${value}`)
    row('Latchkey', `${status.version}, process ${status.pid}`)
    row('listens', `${status.address}${status.tls ? ' (TLS)' : ''}, for ${duration(status.uptime)}`)
    if (certificate)
      row('certificate', `until ${certificate.notAfter}, ${CERTIFICATE[certificate.state](certificate.days)}`)
    row('snapshot', `${snapshot.number}, for ${duration(snapshot.age)}${status.stale ? ', STALE' : ''}`)
    row('reload', last === undefined ? 'none since the start' : `${last.kind} at ${last.at} (${CAUSES[last.cause]})`)
    if (restart.length > 0) row('', `after the next start only: ${restart.join(', ')}`)
    row('watching', WAYS[status.watching])
    row('memory', `${status.memory} MB`)
    row('rules', String(status.rules))
    row('users', `${status.users} may sign in`)
    row('sessions', String(status.sessions))
    row('bans', String(status.bans))
    row('mail', mailOf(status.mail))
    for (const [i, { path, version, modifiedAt }] of files.entries()) {
      row(i === 0 ? 'files' : '', version === undefined ? `${path}  not there` : `${path}  ${version}  ${modifiedAt}`)
    }
    if (last?.kind !== 'refused') return
    process.stderr.write(`${formatProblems(last.problems)}\n`)
    this.log('The files are not valid; what served before them serves.')
  }
}

const CAUSES = { files: 'files changed', command: '`latchkey reload`', signal: 'SIGHUP' } as const
const CERTIFICATE = {
  valid: (days) => count(days, 'day'),
  'ends-soon': (days) => `${count(days, 'day')}: renew it`,
  ended: () => 'ENDED: browsers refuse it',
  'not-begun': () => 'not valid yet',
} as const satisfies Record<NonNullable<ServerStatus['certificate']>['state'], (days: number) => string>
const WAYS = {
  notices: 'files, by the notices of the file system',
  looking: 'files, by looking every second',
  off: 'nothing',
} as const

function mailOf({ place, waiting, delivered, trouble, lastFailure }: ServerStatus['mail']): string {
  const counts = `${place}, ${delivered} sent${waiting > 0 ? `, ${waiting} waiting` : ''}`
  if (trouble) return `${counts}; NOT WORKING since ${trouble.since}: ${trouble.reason}`
  return lastFailure ? `${counts}; last failure ${lastFailure.at}: ${lastFailure.reason}` : counts
}

/** @param seconds whole */
function duration(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'm'],
    [1, 's'],
  ] as const
  const at = units.findIndex(([size]) => seconds >= size)
  if (at < 0) return '0 s'
  let rest = seconds
  return units
    .slice(at, at + 2)
    .map(([size, unit]) => {
      const count = Math.floor(rest / size)
      rest %= size
      return `${count} ${unit}`
    })
    .join(' ')
}
