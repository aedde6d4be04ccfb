// TLS of the server itself: the operator's certificate, or one of our own that is made once and kept (`serve --self-signed`).
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, parse } from 'node:path'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { writeFileAtomic } from '../base/atomic-file.ts'
import type { Clock } from '../base/clock.ts'
import { Fault } from '../base/fault.ts'
import type { Logger } from '../base/log.ts'
import { NOT_A_FILE, readBounded } from '../base/read-bounded.ts'
import type { Names } from '../certs/authority.ts'
import { certificateExpiry, expiryWarning } from '../certs/expiry.ts'
import type { CookieDomain, ServerConfig } from '../config/config.ts'

/** Beside the database, named after it. */
export function selfSignedFiles(storagePath: string): { certificate: string; key: string } {
  const { dir, name } = parse(storagePath)
  return { certificate: join(dir, `${name}.self-signed.crt`), key: join(dir, `${name}.self-signed.key`) }
}

export interface TlsMaterial extends SecureContextOptions {
  readonly cert: string
  readonly key: string
  /** Where `cert` was read; it is not there for one that is made here. */
  readonly certificateFile?: string
  readonly ca?: string[]
  readonly requestCert?: boolean
  readonly rejectUnauthorized?: boolean
}

/** Bytes of a file with certificates or a key; the longest chains have a hundredth of it. */
const MAX_PEM = 1024 * 1024

/** @throws Fault `tls-file`, `tls-mismatch` */
export function loadTls(tls: NonNullable<ServerConfig['tls']>): TlsMaterial {
  const material: TlsMaterial = {
    cert: readPem(tls.certificateFile, 'server.tls.certificate'),
    key: readPem(tls.keyFile, 'server.tls.key'),
    certificateFile: tls.certificateFile,
    minVersion: 'TLSv1.2',
  }
  checkPair(material, tls.certificateFile, tls.keyFile)
  if (tls.clientCertificateFiles.length === 0) return material
  const ca = tls.clientCertificateFiles.map((file) => readAuthority(file))
  return { ...material, ca, requestCert: true, rejectUnauthorized: true }
}

/** Says in the log when the certificate that is served has ended or soon will; louder when hardly any time is left. */
export function tellExpiry(tls: TlsMaterial, clock: Clock, log: Logger): void {
  const expiry = certificateExpiry(tls.cert, clock.now())
  const warning = expiry && expiryWarning(expiry)
  if (expiry === undefined || warning === undefined) return
  const { certificateFile: file } = tls
  const what = file === undefined ? warning : `${warning} (${file}; a new one there is taken over while this runs)`
  const fields = { notAfter: new Date(expiry.notAfter).toISOString(), days: expiry.days, ...(file && { file }) }
  log[expiry.isUrgent ? 'error' : 'warn'](fields, `TLS: ${what}`)
}

/** For every portal, everything below each cookie domain, and this machine. */
export function ownNames(cookies: readonly Pick<CookieDomain, 'domain' | 'portalUrl'>[]): Names & { ip: string[] } {
  const portals = cookies.flatMap(({ portalUrl }) => (portalUrl ? [new URL(portalUrl).hostname] : []))
  const domains = cookies.flatMap(({ domain }) => (isIP(domain) ? [domain] : [domain, `*.${domain}`]))
  const all = [...new Set([...portals, ...domains].map((name) => name.replace(/^\[|\]$/g, '')))]
  return {
    dns: [...new Set([...all.filter((name) => !isIP(name)), 'localhost'])],
    ip: [...new Set([...all.filter((name) => isIP(name)), '127.0.0.1', '::1'])],
  }
}

/**
 * Keeps certificate and key in the two files given; makes them anew when missing, expiring within 30 days, or for other names.
 * @throws Fault `tls-unwritable`
 */
export async function keepSelfSigned(
  files: { certificate: string; key: string },
  names: Names,
  clock: Clock,
): Promise<TlsMaterial> {
  const kept = readKept(files, names, clock)
  if (kept) return kept
  // Loaded here only: making certificates takes a hundred modules that no other server needs.
  const { makeSelfSigned } = await import('../certs/authority.ts')
  // 398 days: the longest that browsers accept (CA/Browser Forum baseline requirements §6.3.2)
  const pem = await makeSelfSigned(names, { now: clock.now(), days: 398 })
  try {
    writeFileAtomic(files.key, pem.privateKey, 0o600)
    writeFileAtomic(files.certificate, pem.certificate, 0o644)
  } catch (cause) {
    throw new Fault('tls-unwritable', `The certificate made here can't be kept in ${files.certificate}.`, {
      hint: 'Check owner and permissions of the folder and of the files there.',
      cause,
    })
  }
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
    const begun = new Date(certificate.validFrom).getTime() <= clock.now()
    const listed = (certificate.subjectAltName ?? '').split(', ')
    const covers =
      names.dns.every((name) => listed.includes(`DNS:${name}`)) &&
      // by its value, since an IPv6 address is listed in another spelling
      (names.ip ?? []).every((address) => certificate.checkIP(address) !== undefined)
    return begun && fresh && covers && certificate.checkPrivateKey(createPrivateKey(material.key))
      ? material
      : undefined
  } catch {
    // Missing or unusable: the caller makes a new pair.
    return undefined
  }
}

function readPem(path: string, key: string): string {
  try {
    const bytes = readBounded(path, MAX_PEM)
    if (bytes !== undefined) return bytes.toString('utf8')
  } catch (cause) {
    const why = (cause as { code?: unknown }).code === NOT_A_FILE ? `: ${(cause as Error).message}` : ''
    throw new Fault('tls-file', `${key}: ${path} can't be read${why}.`, {
      hint: 'Check that the file exists and that this user may read it.',
      cause,
    })
  }
  throw new Fault('tls-file', `${key}: ${path} is larger than 1 MiB.`, { hint: 'Check that this is the right file.' })
}

/** Checked, since OpenSSL passes over in silence what it can't read; then nobody would get in, and nobody would know why. */
function readAuthority(path: string): string {
  const pem = readPem(path, 'server.tls.client_certificates')
  try {
    new X509Certificate(pem)
    return pem
  } catch (cause) {
    throw new Fault('tls-file', `server.tls.client_certificates: ${path} holds no certificate.`, {
      hint: 'It must be a PEM file with the certificates of the authorities whose clients may connect.',
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
