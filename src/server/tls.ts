// TLS of the server itself: the operator's certificate, or one of our own that is made once and kept (`serve --self-signed`).
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { writeFileAtomic } from '../base/atomic-file.ts'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import { makeSelfSigned, type Names } from '../certs/authority.ts'
import type { ServerConfig } from '../config/config.ts'

export interface TlsMaterial extends SecureContextOptions {
  readonly cert: string
  readonly key: string
  readonly ca?: string[]
  readonly requestCert?: boolean
  readonly rejectUnauthorized?: boolean
}

/** @throws Fault `tls-file`, `tls-mismatch` */
export function loadTls(tls: NonNullable<ServerConfig['tls']>): TlsMaterial {
  const material: TlsMaterial = {
    cert: readPem(tls.certificateFile, 'server.tls.certificate'),
    key: readPem(tls.keyFile, 'server.tls.key'),
    minVersion: 'TLSv1.2',
  }
  checkPair(material, tls.certificateFile, tls.keyFile)
  if (tls.clientCertificateFiles.length === 0) return material
  const ca = tls.clientCertificateFiles.map((file) => readPem(file, 'server.tls.client_certificates'))
  return { ...material, ca, requestCert: true, rejectUnauthorized: true }
}

/** Keeps certificate and key in the two files given; makes them anew when missing, expiring within 30 days, or for other names. */
export async function keepSelfSigned(
  files: { certificate: string; key: string },
  names: Names,
  clock: Clock,
): Promise<TlsMaterial> {
  const kept = readKept(files, names, clock)
  if (kept) return kept
  // 398 days: the longest that browsers accept (CA/Browser Forum baseline requirements §6.3.2)
  const pem = await makeSelfSigned(names, { now: clock.now(), days: 398 })
  mkdirSync(dirname(files.key), { recursive: true })
  writeFileAtomic(files.key, pem.privateKey, 0o600)
  writeFileSync(files.certificate, pem.certificate, { mode: 0o644 })
  return { cert: pem.certificate, key: pem.privateKey, minVersion: 'TLSv1.2' }
}

function readKept(files: { certificate: string; key: string }, names: Names, clock: Clock): TlsMaterial | undefined {
  try {
    const material: TlsMaterial = {
      cert: readFileSync(files.certificate, 'utf8'),
      key: readFileSync(files.key, 'utf8'),
      minVersion: 'TLSv1.2',
    }
    const certificate = new X509Certificate(material.cert)
    const fresh = new Date(certificate.validTo).getTime() > clock.now() + 30 * 86_400_000
    const listed = (certificate.subjectAltName ?? '').split(', ').map((entry) => entry.replace(/^[^:]*:/, ''))
    const covers = [...names.dns, ...(names.ip ?? [])].every((name) => listed.includes(name))
    return fresh && covers && certificate.checkPrivateKey(createPrivateKey(material.key)) ? material : undefined
  } catch {
    // Missing or unusable: the caller makes a new pair.
    return undefined
  }
}

function readPem(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Fault('tls-file', `${key}: ${path} can't be read.`, {
      hint: 'Check that the file exists and that this user may read it.',
      cause,
    })
  }
}

function checkPair(material: TlsMaterial, certificateFile: string, keyFile: string): void {
  try {
    const certificate = new X509Certificate(material.cert)
    if (!certificate.checkPrivateKey(createPrivateKey(material.key))) {
      throw new Fault('tls-mismatch', `The key ${keyFile} doesn't belong to the certificate ${certificateFile}.`, {
        hint: 'server.tls.key and server.tls.certificate must be made together; the certificate of the server comes first in its file.',
      })
    }
    createSecureContext(material)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault(
      'tls-file',
      `server.tls: ${certificateFile} or ${keyFile} is not usable (${(cause as Error).message}).`,
      {
        hint: 'Both must be PEM files; an encrypted key is not supported.',
        cause,
      },
    )
  }
}
