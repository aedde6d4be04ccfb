// Packs a key and its certificates into a PKCS#12 file (RFC 7292) for systems that import nothing else. Encrypted as OpenSSL 3 does by default,
// only with more iterations: PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC, and a MAC of HMAC-SHA-256.
import {
  createCipheriv,
  createHash,
  createHmac,
  type KeyObject,
  pbkdf2,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { promisify } from 'node:util'
import { bmpString, identifier, integer, nothing, octets, sequence, setOfOne, tagged, taggedString } from './der.ts'

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const
/** Tenfold OpenSSL's 2048 and more; Windows and macOS refuse above some hundred thousand. */
const ITERATIONS = 50_000

export interface Pkcs12Content {
  /** PEM; the certificate of the key first, then those above it. */
  readonly certificates: readonly string[]
  readonly privateKey: KeyObject
  /** Shown by the system that imports it. */
  readonly friendlyName: string
  readonly password: string
}

/** The file's bytes. */
export async function makePkcs12({ certificates, privateKey, friendlyName, password }: Pkcs12Content): Promise<Buffer> {
  const ders = certificates.map((pem) => new X509Certificate(pem).raw)
  // Ties the key to its certificate; any equal bytes do, their SHA-1 is the custom.
  const localKeyId = createHash('sha1')
    .update(ders[0] ?? '')
    .digest()
  const attributes = setOfTwo(
    sequence(identifier(OID.friendlyName), setOfOne(bmpString(friendlyName))),
    sequence(identifier(OID.localKeyId), setOfOne(octets(localKeyId))),
  )
  const certificateBags = ders.map((der, i) =>
    sequence(
      identifier(OID.certificateBag),
      tagged(0, sequence(identifier(OID.x509Certificate), tagged(0, octets(der)))),
      ...(i === 0 ? [attributes] : []),
    ),
  )
  const key = await encrypt(privateKey.export({ type: 'pkcs8', format: 'der' }), password)
  const keyBag = sequence(
    identifier(OID.shroudedKeyBag),
    tagged(0, sequence(key.algorithm, octets(key.encrypted))),
    attributes,
  )
  const certificatesSafe = await encrypt(sequence(...certificateBags), password)
  const authenticatedSafe = sequence(
    sequence(
      identifier(OID.encryptedData),
      tagged(
        0,
        sequence(
          integer(0),
          sequence(identifier(OID.data), certificatesSafe.algorithm, taggedString(0, certificatesSafe.encrypted)),
        ),
      ),
    ),
    dataContent(sequence(keyBag)),
  )
  return sequence(integer(3), dataContent(authenticatedSafe), macData(authenticatedSafe, password))
}

const dataContent = (content: Buffer): Buffer => sequence(identifier(OID.data), tagged(0, octets(content)))

/** DER sorts the elements of a set by their bytes. */
function setOfTwo(a: Buffer, b: Buffer): Buffer {
  return setOfOne(Buffer.concat([a, b].sort(Buffer.compare)))
}

const derive = promisify(pbkdf2)

/** PBES2 (RFC 8018 §6.2). */
async function encrypt(plain: Uint8Array, password: string): Promise<{ algorithm: Buffer; encrypted: Buffer }> {
  const salt = randomBytes(16)
  const nonce = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', await derive(password, salt, ITERATIONS, 32, 'sha256'), nonce)
  const derivation = sequence(
    identifier(OID.pbkdf2),
    sequence(octets(salt), integer(ITERATIONS), sequence(identifier(OID.hmacSha256), nothing())),
  )
  return {
    algorithm: sequence(
      identifier(OID.pbes2),
      sequence(derivation, sequence(identifier(OID.aes256Cbc), octets(nonce))),
    ),
    encrypted: Buffer.concat([cipher.update(plain), cipher.final()]),
  }
}

function macData(content: Buffer, password: string): Buffer {
  const salt = randomBytes(16)
  const mac = createHmac('sha256', macKey(password, salt)).update(content).digest()
  return sequence(sequence(sequence(identifier(OID.sha256), nothing()), octets(mac)), octets(salt), integer(ITERATIONS))
}

/** RFC 7292 appendix B.2 for SHA-256 and purpose 3 (MAC): one block is all that is needed. */
function macKey(password: string, salt: Buffer): Buffer {
  const block = 64
  const fill = (bytes: Buffer): Buffer => Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes)
  const word = Buffer.from(`${password}\0`, 'utf16le').swap16()
  let key = createHash('sha256')
    .update(Buffer.concat([Buffer.alloc(block, 3), fill(salt), fill(word)]))
    .digest()
  for (let i = 1; i < ITERATIONS; i += 1) key = createHash('sha256').update(key).digest()
  return key
}
