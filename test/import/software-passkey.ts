// A passkey in software: makes one ES256 credential and signs with it, as an authenticator and a browser would (WebAuthn level 2, §6 and §7).
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest()

type Cbor = number | string | Uint8Array | ReadonlyMap<number | string, Cbor>

/** The little of CBOR that attestation objects are made of. */
function cbor(value: Cbor): Buffer {
  const head = (type: number, size: number): Buffer =>
    size < 24
      ? Buffer.from([(type << 5) | size])
      : size < 256
        ? Buffer.from([(type << 5) | 24, size])
        : Buffer.from([(type << 5) | 25, size >> 8, size & 255])
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)])])
}

const PRESENT = 0x01
const VERIFIED = 0x04
const BACKUP_ELIGIBLE = 0x08
const BACKED_UP = 0x10
const WITH_CREDENTIAL = 0x40

/** A passkey as it can be kept in a file. */
export interface WrittenPasskey {
  readonly rpId: string
  readonly id: string
  readonly privateKey: JsonWebKey
  readonly count: number
  readonly userHandle: string
}

export class SoftwarePasskey {
  readonly id: Buffer
  readonly #privateKey: KeyObject
  readonly #rpId: string
  #count = 0
  /** Of the account it was made for, as the server gave it. */
  userHandle = ''

  /** A new one, or one that was written down. */
  constructor(rpId: string, written?: WrittenPasskey) {
    this.#rpId = rpId
    this.id = written ? Buffer.from(written.id, 'base64url') : randomBytes(32)
    this.#privateKey = written
      ? createPrivateKey({ key: written.privateKey, format: 'jwk' })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    this.#count = written?.count ?? 0
    this.userHandle = written?.userHandle ?? ''
  }

  toJSON(): WrittenPasskey {
    const privateKey = this.#privateKey.export({ format: 'jwk' })
    return { rpId: this.#rpId, id: this.kid, privateKey, count: this.#count, userHandle: this.userHandle }
  }

  get kid(): string {
    return base64url(this.id)
  }

  #flags(more = 0): number {
    return PRESENT | VERIFIED | BACKUP_ELIGIBLE | BACKED_UP | more
  }

  #authenticatorData(flags: number): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(++this.#count)
    return Buffer.concat([sha256(this.#rpId), Buffer.from([flags]), count])
  }

  #clientData(type: string, challenge: string): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: `https://${this.#rpId}`, crossOrigin: false }))
  }

  /** The answer to `navigator.credentials.create`. */
  create({ challenge, user }: { readonly challenge: string; readonly user: { readonly id: string } }): object {
    this.userHandle = user.id
    const { x = '', y = '' } = this.#privateKey.export({ format: 'jwk' })
    const key = new Map<number, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ])
    const authData = Buffer.concat([
      this.#authenticatorData(this.#flags(WITH_CREDENTIAL)),
      Buffer.alloc(16),
      Buffer.from([0, this.id.length]),
      this.id,
      cbor(key),
    ])
    const attestation = new Map<string, Cbor>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', authData],
    ])
    return {
      id: this.kid,
      rawId: this.kid,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: base64url(this.#clientData('webauthn.create', challenge)),
        attestationObject: base64url(cbor(attestation)),
        transports: ['internal', 'hybrid'],
      },
    }
  }

  /** The answer to `navigator.credentials.get`. */
  get(challenge: string): object {
    const clientData = this.#clientData('webauthn.get', challenge)
    const authenticatorData = this.#authenticatorData(this.#flags())
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientData)]), this.#privateKey)
    return {
      id: this.kid,
      rawId: this.kid,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: {
        clientDataJSON: base64url(clientData),
        authenticatorData: base64url(authenticatorData),
        signature: base64url(signature),
        userHandle: this.userHandle,
      },
    }
  }
}
