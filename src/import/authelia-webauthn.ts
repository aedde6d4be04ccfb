// Passkeys and security keys of Authelia: public keys unsealed with its key, sealed anew with ours; and what their owners are called towards them.
import type { Storage } from '../storage/storage.ts'
import type { WebauthnCredential, WebauthnKeys } from '../storage/webauthn-credential.ts'
import { type AutheliaSource, type Row, readTime, unreadableRow } from './authelia-source.ts'
import type { Outcome } from './part.ts'

type Target = Pick<Storage, 'webauthn'> | undefined
type Credential = Omit<WebauthnCredential, 'id'> & WebauthnKeys

/** Authelia lets people have as many as they like; none is lost on the way. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER
const LONGEST_DESCRIPTION = 64

/** @param target undefined: nothing is there yet. @throws Fault `authelia-database` for a passkey that can't be read */
export async function importPasskey(
  row: Row,
  source: AutheliaSource,
  target: Target,
  dryRun: boolean,
): Promise<Outcome> {
  const credential = readCredential(row, source)
  const { username, rpId, description, kid } = credential
  const name = `${username}: ${description} (${rpId})`
  const here = await target?.webauthn.find(kid)
  if (here) {
    const isSame = here.username === username && here.rpId === rpId
    return isSame ? { kind: 'kept', name } : { kind: 'skipped', name, why: 'another user has the same passkey here' }
  }
  if (target && !dryRun) await add(target, credential)
  return { kind: 'imported', name, factor: { username, subject: `webauthn: ${description}` } }
}

/** Under the same description, or with a number behind it where its owner has another one of that name here. */
async function add({ webauthn }: NonNullable<Target>, credential: Credential): Promise<void> {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : ` (${number})`
    const description = credential.description.slice(0, LONGEST_DESCRIPTION - suffix.length) + suffix
    const added = await webauthn.add({ ...credential, description }, NO_LIMIT)
    if (added !== 'description-taken') return
  }
}

function readCredential(row: Row, source: AutheliaSource): Credential {
  const text = (column: string): string => String(row[column] ?? '')
  const flag = (column: string): boolean => Number(row[column] ?? 0) === 1
  const username = text('username')
  const rpId = text('rpid')
  const id = Buffer.from(text('kid'), 'base64')
  const unseal = (column: string) =>
    source.unseal(row[column], 'webauthn_credentials', column, `${text('kid')}:${rpId}`)
  const publicKey = unseal('public_key')
  // Before schema 25 there was no such column.
  const attestation = (row['attestation'] ?? undefined) === undefined ? Buffer.alloc(0) : unseal('attestation')
  if (publicKey === undefined || attestation === undefined || id.length === 0) {
    const hint = 'Look at it with `authelia storage user webauthn list`, or delete it there.'
    throw unreadableRow(`The passkey ${JSON.stringify(text('description'))} of ${username}`, source, hint)
  }
  return {
    rpId,
    username,
    description: text('description'),
    kid: id.toString('base64url'),
    publicKey: new Uint8Array(publicKey),
    attestation: new Uint8Array(attestation),
    attestationType: text('attestation_type'),
    attestationFormat: text('attestation_format'),
    attachment: text('attachment'),
    transports: text('transport')
      .split(',')
      .filter((transport) => transport !== ''),
    aaguid: text('aaguid'),
    signCount: Number(row['sign_count'] ?? 0),
    cloneWarning: flag('clone_warning'),
    legacy: flag('legacy'),
    discoverable: flag('discoverable'),
    present: flag('present'),
    verified: flag('verified'),
    backupEligible: flag('backup_eligible'),
    backupState: flag('backup_state'),
    createdAt: readTime(row['created_at']) ?? 0,
    lastUsedAt: readTime(row['last_used_at']),
  }
}

/** A passkey names its account by this; it must be the same one here. */
export async function importHandle(row: Row, target: Target, dryRun: boolean): Promise<Outcome> {
  const username = String(row['username'])
  const rpId = String(row['rpid'])
  const handle = new Uint8Array(Buffer.from(String(row['userid'])))
  const name = `${username} (${rpId})`
  const here = await target?.webauthn.findHandle(rpId, username)
  if (here) {
    const isSame = Buffer.from(here).equals(handle)
    return isSame
      ? { kind: 'kept', name }
      : {
          kind: 'skipped',
          name,
          why: 'another one is in use here: passkeys from Authelia work after the password only',
        }
  }
  if ((await target?.webauthn.usernameOf(rpId, handle)) !== undefined)
    return { kind: 'skipped', name, why: 'it is another user’s here' }
  if (target && !dryRun) await target.webauthn.handleOf(rpId, username, handle)
  return { kind: 'imported', name }
}
