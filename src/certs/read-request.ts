// Reads a certificate signing request (RFC 2986) that somebody brings: its names, its key, and whether it was signed with that key.
import 'reflect-metadata'
import { createPublicKey, type KeyObject } from 'node:crypto'
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509'
import { Fault } from '../base/fault.ts'
import { type Names, readNames } from './names.ts'

/**
 * Names are those of the alternative names, else the common name. Everything else it asks for is not looked at: what a certificate may do is
 * for the authority to say.
 * @throws Fault `certificate-request`, `certificate-name`
 */
export async function readRequest(
  bytes: Uint8Array,
  path: string,
): Promise<{ names: Required<Names>; publicKey: KeyObject }> {
  const refused = (what: string, cause?: unknown): Fault =>
    new Fault('certificate-request', `${path} ${what}.`, {
      hint: 'Ask for one made with `latchkey cert request`, or with `openssl req -new`.',
      cause,
    })
  let request: Pkcs10CertificateRequest
  try {
    const text = Buffer.from(bytes).toString('latin1')
    request = new Pkcs10CertificateRequest(text.includes('-----BEGIN ') ? text : new Uint8Array(bytes))
  } catch (cause) {
    throw refused('holds no certificate signing request', cause)
  }
  // Without it anybody could have a certificate made for a key that is somebody else's.
  if (!(await request.verify())) throw refused('is not signed with the key it asks a certificate for')
  const publicKey = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' })
  const alternatives = request.extensions.find((one) => one instanceof SubjectAlternativeNameExtension)
  const listed = alternatives?.names.items ?? []
  const unknown = listed.find(({ type }) => type !== 'dns' && type !== 'ip')
  if (unknown) throw refused(`asks for a name that is neither a host name nor an address`)
  const words = listed.length > 0 ? listed.map(({ value }) => value) : request.subjectName.getField('CN')
  if (words.length === 0) throw refused('names no host')
  return { names: readNames(words), publicKey }
}
