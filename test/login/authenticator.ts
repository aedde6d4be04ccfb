// An authenticator in software, and the browser around it: makes keys and signs with them by node:crypto, honestly unless it is told otherwise.
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'

type Cbor = number | string | Uint8Array | Map<Cbor, Cbor>

/** RFC 8949, as far as it is needed here. */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)])])
}
function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.of((major << 5) | argument)
  if (argument < 256) return Buffer.of((major << 5) | 24, argument)
  return Buffer.of((major << 5) | 25, argument >> 8, argument & 255)
}

const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest()

export type KeyKind = 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'RS256' | 'RS256-short'

interface SoftKey {
  readonly kind: KeyKind
  readonly privateKey: KeyObject
  readonly cose: Map<Cbor, Cbor>
}

const CURVES = { ES256: ['P-256', 1, -7], ES384: ['P-384', 2, -35], ES512: ['P-521', 3, -36] } as const

function makeKey(kind: KeyKind): SoftKey {
  if (kind === 'RS256' || kind === 'RS256-short') {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: kind === 'RS256' ? 2048 : 1024 })
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
    const cose: SoftKey['cose'] = new Map()
    cose.set(1, 3).set(3, -257).set(-1, Buffer.from(n, 'base64url')).set(-2, Buffer.from(e, 'base64url'))
    return { kind, privateKey, cose }
  }
  if (kind === 'EdDSA') {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const { x = '' } = publicKey.export({ format: 'jwk' })
    const cose: SoftKey['cose'] = new Map()
    return { kind, privateKey, cose: cose.set(1, 1).set(3, -8).set(-1, 6).set(-2, Buffer.from(x, 'base64url')) }
  }
  const [namedCurve] = CURVES[kind]
  return curveKey(kind, generateKeyPairSync('ec', { namedCurve }).privateKey)
}

function curveKey(kind: keyof typeof CURVES, privateKey: KeyObject): SoftKey {
  const [, curve, algorithm] = CURVES[kind]
  const { x = '', y = '' } = privateKey.export({ format: 'jwk' })
  const cose: SoftKey['cose'] = new Map()
  cose
    .set(1, 2)
    .set(3, algorithm)
    .set(-1, curve)
    .set(-2, Buffer.from(x, 'base64url'))
    .set(-3, Buffer.from(y, 'base64url'))
  return { kind, privateKey, cose }
}

const HASHES: Readonly<Record<KeyKind, string | null>> = {
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
  EdDSA: null,
  RS256: 'sha256',
  'RS256-short': 'sha256',
}

/** What it does otherwise than an honest one, and an honest browser, would. */
export interface Tweaks {
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  readonly challenge?: string
  readonly crossOrigin?: boolean
  readonly topOrigin?: string
  readonly userPresent?: boolean
  readonly userVerified?: boolean
  readonly backupEligible?: boolean
  readonly backedUp?: boolean
  readonly counter?: number
  readonly userHandle?: string | null
  readonly flipSignature?: boolean
  /** Answers with this credential id, signing with its own key all the same. */
  readonly id?: string
  readonly rawId?: string
  readonly aaguid?: string
  readonly format?: string
  readonly statement?: Map<Cbor, Cbor>
  /** Puts another COSE algorithm into the key than it has. */
  readonly algorithm?: number
  readonly curve?: number
  readonly discoverable?: boolean
}

/** One of those that are kept in several devices of their owner. */
export const SYNCED: Tweaks = { backupEligible: true, backedUp: true }

// biome-ignore lint/suspicious/noExplicitAny: options come as JSON from whatever is tested
type Options = any

export interface Answer {
  readonly id: string
  readonly rawId: string
  readonly type: string
  readonly authenticatorAttachment: string
  readonly clientExtensionResults: object
  readonly response: Record<string, unknown>
}

/** A key (ES256) as it can be kept in a file. */
export interface WrittenPasskey {
  readonly rpId: string
  readonly id: string
  readonly privateKey: JsonWebKey
  readonly count: number
  readonly userHandle: string
}

export class Authenticator {
  readonly keys = new Map<string, { readonly key: SoftKey; readonly userHandle: string; counter: number }>()
  readonly origin: string
  /** Counts by itself unless this is false: then it says 0 for ever. */
  counts = true
  /** What it says of itself unless told otherwise. */
  readonly manner: Tweaks

  constructor(origin: string, manner: Tweaks = {}) {
    this.origin = origin
    this.manner = manner
  }

  /** Takes up a key that was written down. */
  static holding({ rpId, id, privateKey, count, userHandle }: WrittenPasskey, manner: Tweaks = {}): Authenticator {
    const authenticator = new Authenticator(`https://${rpId}`, manner)
    const key = curveKey('ES256', createPrivateKey({ key: privateKey, format: 'jwk' }))
    authenticator.keys.set(id, { key, userHandle, counter: count })
    return authenticator
  }

  create(options: Options, tweaks: Tweaks = {}, kind: KeyKind = 'ES256'): Answer {
    const how = { ...this.manner, ...tweaks }
    const key = makeKey(kind)
    const id = how.id ?? randomBytes(32).toString('base64url')
    this.keys.set(id, { key, userHandle: options.user.id, counter: 0 })
    const cose = new Map(key.cose)
    if (how.algorithm !== undefined) cose.set(3, how.algorithm)
    if (how.curve !== undefined) cose.set(-1, how.curve)
    const rawId = Buffer.from(id, 'base64url')
    const attested = Buffer.concat([
      Buffer.from((how.aaguid ?? '00000000-0000-0000-0000-000000000000').replaceAll('-', ''), 'hex'),
      Buffer.of(rawId.length >> 8, rawId.length & 255),
      rawId,
      cbor(cose),
    ])
    const authData = this.#authenticatorData(how.rpId ?? options.rp.id, how, how.counter ?? 0, attested)
    const clientData = this.#clientData('webauthn.create', options.challenge, how)
    const statement: Map<Cbor, Cbor> = how.statement ?? new Map()
    if (how.format === 'packed' && !how.statement) {
      const signature = sign(HASHES[kind], Buffer.concat([authData, sha256(clientData)]), key.privateKey)
      statement.set('alg', key.cose.get(3) ?? 0).set('sig', signature)
    }
    const object = new Map<Cbor, Cbor>()
    object
      .set('fmt', how.format ?? 'none')
      .set('attStmt', statement)
      .set('authData', authData)
    return {
      id,
      rawId: how.rawId ?? id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: how.discoverable ?? true } },
      response: {
        clientDataJSON: clientData.toString('base64url'),
        attestationObject: cbor(object).toString('base64url'),
        transports: ['internal', 'hybrid'],
      },
    }
  }

  /** Signs with the first key that is asked for, or the first it has. */
  get(options: Options, tweaks: Tweaks = {}): Answer {
    const how = { ...this.manner, ...tweaks }
    const asked: string[] = (options.allowCredentials ?? []).map((one: { id: string }) => one.id)
    const id = asked.find((one) => this.keys.has(one)) ?? [...this.keys.keys()][0] ?? ''
    const stored = this.keys.get(id)
    if (!stored) throw new Error('no key')
    if (this.counts) stored.counter += 1
    const authData = this.#authenticatorData(how.rpId ?? options.rpId, how, how.counter ?? stored.counter)
    const clientData = this.#clientData('webauthn.get', options.challenge, how)
    const { key } = stored
    const signature = sign(HASHES[key.kind], Buffer.concat([authData, sha256(clientData)]), key.privateKey)
    if (how.flipSignature) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
    const userHandle = how.userHandle === null ? undefined : (how.userHandle ?? stored.userHandle)
    return {
      id: how.id ?? id,
      rawId: how.rawId ?? how.id ?? id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        ...(userHandle === undefined ? {} : { userHandle }),
      },
    }
  }

  #clientData(type: string, challenge: string, how: Tweaks): Buffer {
    return Buffer.from(
      JSON.stringify({
        type: how.type ?? type,
        challenge: how.challenge ?? challenge,
        origin: how.origin ?? this.origin,
        crossOrigin: how.crossOrigin ?? false,
        ...(how.topOrigin === undefined ? {} : { topOrigin: how.topOrigin }),
      }),
    )
  }

  #authenticatorData(rpId: string, how: Tweaks, counter: number, attested: Uint8Array = new Uint8Array()): Buffer {
    const flags =
      (how.userPresent === false ? 0 : 0x01) |
      (how.userVerified === false ? 0 : 0x04) |
      (how.backupEligible ? 0x08 : 0) |
      (how.backedUp ? 0x10 : 0) |
      (attested.length > 0 ? 0x40 : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([sha256(rpId), Buffer.of(flags), count, attested])
  }
}
