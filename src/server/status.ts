// What a running server says about itself to whoever may ask the admin socket. No secret, no user's name.
import type { Clock } from '../base/clock.ts'
import { VERSION } from '../base/version.ts'
import { certificateExpiry, type Expiry } from '../certs/expiry.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { FollowedFiles } from './follow-files.ts'
import type { InputRole, Inputs } from './inputs.ts'
import type { ReloadOutcome } from './reload.ts'
import type { Services } from './services.ts'
import type { Snapshot } from './snapshot.ts'
import type { TlsMaterial } from './tls.ts'

/** Times are ISO 8601, durations whole seconds. */
export interface ServerStatus {
  readonly version: string
  readonly pid: number
  readonly startedAt: string
  readonly uptime: number
  readonly address: string
  readonly tls: boolean
  /** The one that is served, or of its chain the one that ends first; undefined without TLS. */
  readonly certificate: { readonly state: Expiry['kind']; readonly notAfter: string; readonly days: number } | undefined
  readonly snapshot: { readonly number: number; readonly since: string; readonly age: number }
  /** The files say something that could not be taken over: what served before serves. */
  readonly stale: boolean
  /** undefined: none since the start. */
  readonly lastReload: (Omit<ReloadOutcome, 'at'> & { readonly at: string }) | undefined
  /** Keys whose new value counts after the next start only. */
  readonly restart: readonly string[]
  /** `off`: `--no-watch`, or `watch: false`. */
  readonly watching: 'notices' | 'looking' | 'off'
  /** Resident, in millions of bytes. */
  readonly memory: number
  readonly sessions: number
  /** In force. */
  readonly bans: number
  readonly users: number
  readonly rules: number
  readonly mail: MailStatus
  /** What the snapshot was made from. */
  readonly files: readonly FileStatus[]
}

export interface MailStatus {
  /** The mail server or the file. */
  readonly place: string
  readonly waiting: number
  /** Since the start. */
  readonly delivered: number
  readonly lastDelivered: string | undefined
  /** Why nothing can be sent at the moment. */
  readonly trouble: { readonly since: string; readonly reason: string } | undefined
  /** Of any kind, also of one message only. */
  readonly lastFailure: { readonly at: string; readonly reason: string } | undefined
}

export interface FileStatus {
  readonly path: string
  readonly role: InputRole
  /** The first 12 digits of its SHA-256; undefined when it wasn't there. */
  readonly version: string | undefined
  readonly modifiedAt: string | undefined
}

export interface StatusFacts {
  readonly address: string
  readonly tls: TlsMaterial | undefined
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly snapshot: Snapshot
  readonly snapshotSince: number
  readonly mail: MailStatus
  readonly files: Pick<FollowedFiles, 'last' | 'restart' | 'watching' | 'inputs' | 'versions'>
}

export async function statusOf(
  facts: StatusFacts,
  { sessions, storage }: Services,
  clock: Clock,
): Promise<ServerStatus> {
  const now = clock.now()
  const { address, tls, startedAt, snapshot, snapshotSince, mail, files } = facts
  const { last, restart, watching } = files
  const seconds = (since: number): number => Math.max(0, Math.round((now - since) / 1000))
  return {
    version: VERSION,
    pid: process.pid,
    startedAt: timeOf(startedAt),
    uptime: seconds(startedAt),
    address,
    tls: tls !== undefined,
    certificate: tls && certificateStatus(tls.cert, now),
    snapshot: { number: snapshot.number, since: timeOf(snapshotSince), age: seconds(snapshotSince) },
    stale: last?.kind === 'refused',
    lastReload: last && { ...last, at: timeOf(last.at) },
    restart,
    watching,
    memory: Math.round(process.memoryUsage.rss() / 1e6),
    sessions: sessions.countOpen(),
    bans: (await storage.bans.list(now)).length,
    users: snapshot.directory.users.users.size,
    rules: snapshot.config.accessControl.rules.length,
    mail,
    files: filesOf(files.inputs, files.versions),
  }
}

function certificateStatus(pem: string, now: number): ServerStatus['certificate'] {
  const expiry = certificateExpiry(pem, now)
  return expiry && { state: expiry.kind, notAfter: timeOf(expiry.notAfter), days: expiry.days }
}

/** Pages of ours are left out: nobody edits them. */
function filesOf({ files }: Inputs, versions: Fingerprint): FileStatus[] {
  return files.map(({ path, role }) => {
    const version = versions.get(path)
    const isThere = version !== undefined && version.error === undefined
    return {
      path,
      role,
      version: isThere ? version.hash.slice(0, 12) : undefined,
      modifiedAt: isThere ? timeOf(version.modifiedAt) : undefined,
    }
  })
}

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString()
