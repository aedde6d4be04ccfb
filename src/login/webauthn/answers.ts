// What a browser sends back from a ceremony, read once from unknown JSON: shape, encoding and size. Nothing is verified here.

export interface AssertionAnswer {
  /** Credential id, base64url, like everything below. */
  readonly id: string
  readonly clientDataJSON: string
  readonly authenticatorData: string
  readonly signature: string
  readonly userHandle: string | undefined
  readonly attachment: '' | 'platform' | 'cross-platform'
}

export interface RegistrationAnswer {
  readonly id: string
  readonly clientDataJSON: string
  readonly attestationObject: string
  readonly transports: readonly Transport[]
  readonly attachment: '' | 'platform' | 'cross-platform'
  /** The browser says that the key is discoverable (extension credProps). */
  readonly discoverable: boolean
}

/** Longest texts, in characters of base64url. Credential ids have at most 1023 bytes, user handles 64 (WebAuthn §4, §5.4.3). */
const MAX = {
  id: 1364,
  clientDataJSON: 4096,
  authenticatorData: 4096,
  signature: 2048,
  userHandle: 86,
  attestation: 24_000,
}

const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const
export type Transport = (typeof TRANSPORTS)[number]

type Part = Readonly<Record<string, unknown>>

const isPart = (value: unknown): value is Part => typeof value === 'object' && value !== null && !Array.isArray(value)

const isBase64url = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= max && /^[\w-]+$/.test(value)

/** What both have: `id` must be what `rawId` says, so that nobody can be looked up by one and verified by the other. */
function envelope(value: unknown): { readonly id: string; readonly outer: Part; readonly inner: Part } | undefined {
  if (!isPart(value) || !isPart(value['response'])) return undefined
  const { id, rawId, type } = value
  if (!isBase64url(id, MAX.id) || rawId !== id || type !== 'public-key') return undefined
  return { id, outer: value, inner: value['response'] }
}

const attachmentOf = ({ authenticatorAttachment: named }: Part): '' | 'platform' | 'cross-platform' =>
  named === 'platform' || named === 'cross-platform' ? named : ''

export function readAssertion(value: unknown): AssertionAnswer | undefined {
  const read = envelope(value)
  if (read === undefined) return undefined
  const { clientDataJSON, authenticatorData, signature, userHandle } = read.inner
  // A browser writes null, or nothing, where the authenticator told no user.
  const told = userHandle === null || userHandle === '' ? undefined : userHandle
  if (
    !isBase64url(clientDataJSON, MAX.clientDataJSON) ||
    !isBase64url(authenticatorData, MAX.authenticatorData) ||
    !isBase64url(signature, MAX.signature) ||
    !(told === undefined || isBase64url(told, MAX.userHandle))
  )
    return undefined
  return {
    id: read.id,
    clientDataJSON,
    authenticatorData,
    signature,
    userHandle: told,
    attachment: attachmentOf(read.outer),
  }
}

export function readRegistration(value: unknown): RegistrationAnswer | undefined {
  const read = envelope(value)
  if (read === undefined) return undefined
  const { clientDataJSON, attestationObject, transports } = read.inner
  if (!isBase64url(clientDataJSON, MAX.clientDataJSON) || !isBase64url(attestationObject, MAX.attestation))
    return undefined
  const named: readonly unknown[] = Array.isArray(transports) ? transports : []
  const extensions = read.outer['clientExtensionResults']
  const properties = isPart(extensions) ? extensions['credProps'] : undefined
  return {
    id: read.id,
    clientDataJSON,
    attestationObject,
    // Only words that are known: they are stored, and sent to browsers again.
    transports: TRANSPORTS.filter((transport) => named.includes(transport)),
    attachment: attachmentOf(read.outer),
    discoverable: isPart(properties) && properties['rk'] === true,
  }
}

/** Whether the ceremony ran in a frame of another site; the portal is never framed. */
export function isCrossOrigin(clientDataJSON: string): boolean {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString())
    return !isPart(data) || (data['crossOrigin'] !== undefined && data['crossOrigin'] !== false) || 'topOrigin' in data
  } catch {
    return true
  }
}
