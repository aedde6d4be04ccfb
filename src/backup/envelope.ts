// Encryption of a backup with a passphrase, as a stream: scrypt (RFC 7914) makes the key, AES-256-GCM seals the whole. What comes out while
// opening is to be trusted only when the stream has ended well: that is when the seal was checked.
import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  randomBytes,
  type ScryptOptions,
  scrypt,
  timingSafeEqual,
} from 'node:crypto'
import { Transform } from 'node:stream'
import { Fault } from '../base/fault.ts'

const MAGIC = Buffer.from('LATCHKEY-BACKUP\x01', 'latin1')
/** N = 2^17, r = 8, p = 1: OWASP Password Storage Cheat Sheet, scrypt. */
const COST = { log2N: 17, r: 8, p: 1 } as const
/** A file can't make us take more: 1 GiB of memory. */
const HIGHEST = { log2N: 20, r: 8, p: 4 } as const
const SALT = 16
const NONCE = 12
const CHECK = 16
const TAG = 16
/** Magic, cost, salt, nonce, and a value that tells a wrong passphrase from a damaged file. */
export const ENVELOPE_HEADER = MAGIC.length + 3 + SALT + NONCE + CHECK

export const isEnvelope = (start: Uint8Array): boolean => MAGIC.equals(start.subarray(0, MAGIC.length))

export interface ScryptCost {
  readonly log2N: number
  readonly r: number
  readonly p: number
}
interface Keys {
  readonly key: Buffer
  readonly check: Buffer
}

async function deriveKeys(passphrase: string, salt: Buffer, cost: ScryptCost): Promise<Keys> {
  const N = 2 ** cost.log2N
  const options: ScryptOptions = { N, r: cost.r, p: cost.p, maxmem: 256 * N * cost.r }
  const bytes = await new Promise<Buffer>((resolve, reject) =>
    scrypt(passphrase.normalize('NFKC'), salt, 32 + CHECK, options, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  )
  return { key: bytes.subarray(0, 32), check: bytes.subarray(32) }
}

/** Plain bytes in, the envelope out. @param cost of scrypt; what it was stands in the header */
export async function sealing(passphrase: string, cost: ScryptCost = COST): Promise<Transform> {
  const salt = randomBytes(SALT)
  const nonce = randomBytes(NONCE)
  const { key, check } = await deriveKeys(passphrase, salt, cost)
  const header = Buffer.concat([MAGIC, Buffer.of(cost.log2N, cost.r, cost.p), salt, nonce, check])
  const cipher: CipherGCM = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(header)
  let begun = false
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!begun) this.push(header)
      begun = true
      done(null, cipher.update(chunk))
    },
    flush(done) {
      if (!begun) this.push(header)
      this.push(cipher.final())
      done(null, cipher.getAuthTag())
    },
  })
}

/**
 * What follows the header of an envelope in, plain bytes out; it ends in the Fault `backup-damaged` when the seal is broken.
 * @throws Fault `backup-passphrase`, `backup-damaged`
 */
export async function opening(header: Buffer, passphrase: string): Promise<Transform> {
  const [log2N = 0, r = 0, p = 0] = header.subarray(MAGIC.length)
  const damaged = (): Fault =>
    new Fault('backup-damaged', 'The backup is damaged: its seal is broken.', { hint: 'Use another copy of it.' })
  if (log2N < 10 || log2N > HIGHEST.log2N || r < 1 || r > HIGHEST.r || p < 1 || p > HIGHEST.p) throw damaged()
  const saltAt = MAGIC.length + 3
  const salt = header.subarray(saltAt, saltAt + SALT)
  const nonce = header.subarray(saltAt + SALT, saltAt + SALT + NONCE)
  const { key, check } = await deriveKeys(passphrase, salt, { log2N, r, p })
  if (!timingSafeEqual(check, header.subarray(saltAt + SALT + NONCE))) {
    throw new Fault('backup-passphrase', 'The passphrase is not the one that the backup was encrypted with.', {
      hint: 'Nothing was changed.',
    })
  }
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAAD(header)
  let tail: Buffer = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const all = Buffer.concat([tail, chunk])
      const end = Math.max(0, all.length - TAG)
      tail = all.subarray(end)
      done(null, decipher.update(all.subarray(0, end)))
    },
    flush(done) {
      if (tail.length < TAG) return done(damaged())
      decipher.setAuthTag(tail)
      try {
        done(null, decipher.final())
      } catch {
        done(damaged())
      }
    },
  })
}
