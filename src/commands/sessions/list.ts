// latchkey sessions list: who is signed in, since when and from where.
import { Flags } from '@oclif/core'
import { StorageCommand, storageFlags } from '../../cli/storage/storage-command.ts'
import { count, moment, table } from '../../cli/terminal/table.ts'
import { deviceText } from '../../cli/trail/device-text.ts'
import type { SessionListing } from '../../session/session.ts'

/** Characters of the key that are shown; `sessions revoke` takes them. */
const HANDLE = 12

export default class SessionsList extends StorageCommand {
  static override description =
    'Show the sessions that live, newest first. Times are UTC. The handle is no secret: nobody can sign in with it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --user alice --json',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    user: Flags.string({ char: 'u', description: 'Only of this user.', helpValue: 'NAME' }),
    domain: Flags.string({ description: 'Only of this cookie domain.', helpValue: 'DOMAIN' }),
  }

  async run(): Promise<readonly (SessionListing & { handle: string })[]> {
    const { flags } = await this.parse(SessionsList)
    const sessions = await this.act(flags, 'sessions.list', { username: flags.user, domain: flags.domain })
    const listed = sessions.map((session) => ({ handle: session.key.slice(0, HANDLE), ...session }))
    this.log(listed.length === 0 ? 'Nobody is signed in.' : drawn(listed))
    return listed
  }
}

function drawn(sessions: readonly (SessionListing & { handle: string })[]): string {
  const rows = sessions.map((session) => [
    session.handle,
    session.username,
    session.level === 2 ? 'two_factor' : 'one_factor',
    session.domain,
    moment(session.createdAt),
    moment(session.lastSeenAt),
    session.address,
    deviceText(session.userAgent),
  ])
  const headings = ['Handle', 'User', 'Level', 'Domain', 'Signed in', 'Last seen', 'Address', 'Browser']
  return `${table(headings, rows)}\n${count(sessions.length, 'session')}`
}
