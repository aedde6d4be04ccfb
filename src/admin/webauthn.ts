// Passkeys and security keys seen, taken away and brought in by hand. Keys pass as base64: the socket is the owner's alone.
import type { WebauthnCredential, WebauthnKeys } from '../storage/webauthn-credential.ts'
import type { AdminServices } from './actions.ts'
import {
  list,
  optionalCount,
  optionalSwitch,
  optionalText,
  type Params,
  paramsOf,
  text,
  texts,
  wrong,
} from './params.ts'

export interface WebauthnListing extends Omit<WebauthnCredential, 'lastUsedAt'> {
  readonly lastUsedAt: number | null
  /** Base64 of the COSE key; null when it doesn't open: it was damaged, or moved to somebody else. */
  readonly publicKey: string | null
  /** Base64; '' when there is none. */
  readonly attestation: string
  /** Base64 of what its owner is called towards authenticators of this portal; null when he never was called anything. */
  readonly userHandle: string | null
}

/** @param params `{ username? }` */
export async function listWebauthn({ storage }: AdminServices, params: unknown): Promise<readonly WebauthnListing[]> {
  const username = optionalText(paramsOf(params), 'username')
  const found = await storage.webauthn.list(username === undefined ? {} : { username })
  return Promise.all(
    found.map(async (credential) => {
      const keys = await keysOf(storage, credential.kid)
      const handle = await storage.webauthn.findHandle(credential.rpId, credential.username)
      return {
        ...credential,
        lastUsedAt: credential.lastUsedAt ?? null,
        publicKey: keys ? base64(keys.publicKey) : null,
        attestation: keys ? base64(keys.attestation) : '',
        userHandle: handle ? base64(handle) : null,
      }
    }),
  )
}

/** A damaged one must be seen, and can't keep the others from being seen. */
const keysOf = async ({ webauthn }: AdminServices['storage'], kid: string): Promise<WebauthnKeys | undefined> =>
  webauthn.find(kid).catch(() => undefined)

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

export interface DeletedWebauthn {
  readonly deleted: readonly { readonly username: string; readonly description: string }[]
}

/** @param params `{ kid }` (base64url), or `{ username, description? }`, without description all of that user */
export async function deleteWebauthn({ storage, audit }: AdminServices, params: unknown): Promise<DeletedWebauthn> {
  const given = paramsOf(params)
  const kid = optionalText(given, 'kid')
  const description = optionalText(given, 'description')
  const own = await storage.webauthn.list(kid === undefined ? { username: text(given, 'username') } : {})
  const chosen = own.filter((one) =>
    kid === undefined ? description === undefined || one.description === description : one.kid === kid,
  )
  const deleted: { username: string; description: string }[] = []
  for (const { id, username, description: name } of chosen) {
    if (!(await storage.webauthn.delete(username, id))) continue
    deleted.push({ username, description: name })
    // A browser that was trusted with it isn't trusted with what comes after it.
    await storage.browsers.distrust(username)
    await audit.record({
      kind: 'factor-removed',
      username,
      from: 'cli',
      subject: `webauthn: ${name}`,
      reason: 'by-hand',
    })
  }
  return { deleted }
}

/** Those that stand in the way, by user and name; then nothing is saved. */
export interface SavedWebauthn {
  readonly saved: number
  readonly inTheWay: readonly string[]
}

/** Somebody may have had more of them where they come from. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER

/** @param params `{ credentials: WebauthnListing[] }` */
export async function saveWebauthn({ storage, audit }: AdminServices, params: unknown): Promise<SavedWebauthn> {
  const credentials = list(paramsOf(params), 'credentials').map(credentialOf)
  const { webauthn } = storage
  const inTheWay: string[] = []
  const seen = new Set<string>()
  for (const { credential, handle } of credentials) {
    const { kid, username, rpId, description } = credential
    const own = await webauthn.list({ username, rpId })
    const name = `${username} ${rpId} ${description.toLowerCase()}`
    const isTaken =
      seen.has(kid) ||
      seen.has(name) ||
      (await webauthn.list({})).some((one) => one.kid === kid) ||
      own.some((one) => one.description.toLowerCase() === description.toLowerCase())
    const here = await webauthn.findHandle(rpId, username)
    const named = handle && (await webauthn.usernameOf(rpId, handle))
    const isOther =
      handle !== undefined && ((here && !Buffer.from(here).equals(handle)) || (named ?? username) !== username)
    if (isTaken || isOther) inTheWay.push(`${username}: ${description}`)
    seen.add(kid).add(name)
  }
  if (inTheWay.length > 0) return { saved: 0, inTheWay }
  for (const { credential, handle } of credentials) {
    const { username, description } = credential
    if (handle) await webauthn.handleOf(credential.rpId, username, handle)
    await webauthn.add(credential, NO_LIMIT)
    await audit.record({
      kind: 'factor-added',
      username,
      from: 'cli',
      subject: `webauthn: ${description}`,
      reason: 'import',
    })
  }
  return { saved: credentials.length, inTheWay }
}

function credentialOf(given: Params): {
  readonly credential: Omit<WebauthnCredential, 'id'> & WebauthnKeys
  readonly handle: Buffer | undefined
} {
  const flag = (name: string): boolean => optionalSwitch(given, name) === true
  const bytes = (name: string): Buffer => Buffer.from(optionalText(given, name) ?? '', 'base64')
  const publicKey = bytes('publicKey')
  if (publicKey.length === 0) throw wrong('publicKey', 'base64')
  const handle = bytes('userHandle')
  return {
    handle: handle.length > 0 ? handle : undefined,
    credential: {
      rpId: text(given, 'rpId'),
      username: text(given, 'username'),
      description: text(given, 'description'),
      kid: text(given, 'kid'),
      publicKey: new Uint8Array(publicKey),
      attestation: new Uint8Array(bytes('attestation')),
      attestationType: optionalText(given, 'attestationType') ?? '',
      attestationFormat: optionalText(given, 'attestationFormat') ?? '',
      attachment: optionalText(given, 'attachment') ?? '',
      transports: texts(given, 'transports'),
      aaguid: optionalText(given, 'aaguid') ?? '',
      signCount: optionalCount(given, 'signCount') ?? 0,
      cloneWarning: flag('cloneWarning'),
      legacy: flag('legacy'),
      discoverable: flag('discoverable'),
      present: flag('present'),
      verified: flag('verified'),
      backupEligible: flag('backupEligible'),
      backupState: flag('backupState'),
      createdAt: optionalCount(given, 'createdAt') ?? 0,
      lastUsedAt: optionalCount(given, 'lastUsedAt'),
    },
  }
}
