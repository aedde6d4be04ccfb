// Reads an authority of one's own from its two files, and what else certificates are made from; says what is wrong with them.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'

export interface AuthorityFiles {
  readonly certificate: string
  readonly privateKey: string
}
export interface ReadAuthority {
  /** PEM. */
  readonly certificate: string
  readonly privateKey: KeyObject
  readonly name: string
  readonly serial: string
  /** Milliseconds since the epoch. */
  readonly notAfter: number
}

/** In `folder`, under our names or else Authelia's. */
export function authorityFiles(folder: string): AuthorityFiles {
  const ours = { certificate: join(folder, 'ca.crt'), privateKey: join(folder, 'ca.key') }
  const theirs = { certificate: join(folder, 'ca.public.crt'), privateKey: join(folder, 'ca.private.pem') }
  return !existsSync(ours.certificate) && existsSync(theirs.certificate) ? theirs : ours
}

/** @param now milliseconds since the epoch. @throws Fault `authority-missing`, `certificate-file`, `key-file`, `authority-unusable` */
export function readAuthority(files: AuthorityFiles, now: number): ReadAuthority {
  const missing = [files.certificate, files.privateKey].find((path) => !existsSync(path))
  if (missing !== undefined) {
    throw new Fault('authority-missing', `There is no authority to sign with: ${missing} doesn't exist.`, {
      hint: 'Make one with `latchkey cert ca`, or name the folder where it is.',
    })
  }
  const { pem, certificate } = readCertificate(files.certificate)
  const privateKey = readPrivateKey(files.privateKey)
  const notAfter = certificate.validToDate.getTime()
  const unusable = (what: string, hint: string): Fault =>
    new Fault('authority-unusable', `${files.certificate} can't sign: ${what}.`, { hint })
  if (!certificate.ca)
    throw unusable('it is no authority but a certificate for a server', 'Make one with `latchkey cert ca`.')
  if (!certificate.checkPrivateKey(privateKey))
    throw unusable(`${files.privateKey} is not its key`, 'Name the pair that was made together.')
  if (notAfter <= now)
    throw unusable(
      `it ended on ${certificate.validToDate.toISOString().slice(0, 10)}`,
      'Make a new one with `latchkey cert ca`.',
    )
  const name = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? certificate.subject.split('\n').join(', ')
  return { certificate: pem, privateKey, name, serial: certificate.serialNumber.toLowerCase(), notAfter }
}

/** The first of the file. @throws Fault `certificate-file` */
export function readCertificate(path: string): { readonly pem: string; readonly certificate: X509Certificate } {
  const bytes = readBytes(path, 'certificate-file', 'a certificate')
  try {
    const certificate = new X509Certificate(bytes)
    return { pem: certificate.toString(), certificate }
  } catch (cause) {
    throw new Fault('certificate-file', `${path} holds no certificate.`, {
      hint: 'It must be PEM ("-----BEGIN CERTIFICATE-----") or DER.',
      cause,
    })
  }
}

/** @throws Fault `key-file` */
export function readPrivateKey(path: string): KeyObject {
  const bytes = readBytes(path, 'key-file', 'a private key')
  try {
    return createPrivateKey(bytes)
  } catch (cause) {
    const encrypted = bytes.includes('ENCRYPTED')
    throw new Fault('key-file', `${path} ${encrypted ? 'is encrypted' : 'holds no private key'}.`, {
      hint: encrypted
        ? `Decrypt it first, for example with \`openssl pkey -in ${path} -out plain.key\`.`
        : 'It must be PEM ("-----BEGIN PRIVATE KEY-----").',
      cause,
    })
  }
}

/** More than any certificate, chain or key is long. */
const LONGEST = 1024 * 1024

/** @throws Fault `certificate-file` or `key-file` */
export function readBytes(path: string, code: 'certificate-file' | 'key-file', what: string): Buffer {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    const message = `${path} can't be read.`
    const hint = `Name a file with ${what} that this user may read.`
    if (code === 'key-file') throw new Fault('key-file', message, { hint, cause })
    throw new Fault('certificate-file', message, { hint, cause })
  }
  if (bytes.length > LONGEST) throw new Fault('certificate-file', `${path} is too long to be ${what}.`)
  return bytes
}
