// Checks of where things are kept and of how messages leave: storage, notifier, identity validation, certificates.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { CompleteNotifier, CompleteTlsClient } from '../complete.generated.ts'
import { LEAST_CODE } from '../derive/derive.ts'
import { parseAddress } from '../format/address.ts'
import { pemCertificates } from '../format/formats.ts'
import type { Pointer } from '../places.ts'
import type { Report } from '../report.ts'
import { type CheckContext, demandFile } from './context.ts'

export function checkStorage(context: CheckContext): void {
  const { config, report } = context
  const { encryption_key: key, local } = config.storage
  if (local === undefined && !report.isSpoiled('/storage')) {
    report.missing('/storage/local', 'is required', 'Write storage.local.path.')
  }
  if (key === undefined) report.missing('/storage/encryption_key', 'is required', 'Use 64 random characters.')
  else if (Buffer.byteLength(key) < 20) {
    report.error(
      'short-secret',
      '/storage/encryption_key',
      'must be at least 20 bytes long',
      'Use 64 random characters.',
    )
  }
  checkNotifier(context)
  const { jwt_secret: jwtSecret } = config.identity_validation.reset_password
  if (jwtSecret === undefined && !config.authentication_backend.password_reset.disable) {
    report.missing(
      '/identity_validation/reset_password/jwt_secret',
      'is required unless authentication_backend.password_reset.disable is true',
    )
  } else if (jwtSecret !== undefined && jwtSecret.length < 20) {
    const path = '/identity_validation/reset_password/jwt_secret'
    report.warning('short-secret', path, 'is short', 'Use 64 random characters.')
  }
  const { characters } = config.identity_validation.elevated_session
  if (characters !== 0 && characters < LEAST_CODE) {
    const path = '/identity_validation/elevated_session/characters'
    report.warning('odd-value', path, `is less than ${LEAST_CODE}, which is taken instead`, 'Remove it: 8 are good.')
  }
  demandFile(context, '/certificates_directory', config.certificates_directory, 'folder')
}

function checkNotifier(context: CheckContext): void {
  const { config, report } = context
  const { filesystem, smtp, template_path: templates } = config.notifier
  if (filesystem && smtp) {
    report.error('conflict', '/notifier/smtp', 'must not be combined with notifier.filesystem', 'Keep one of them.')
  }
  if (!filesystem && !smtp) {
    report.missing('/notifier', 'needs filesystem or smtp', 'Write notifier.filesystem.filename.')
  }
  if (smtp) demandFile(context, '/notifier/template_path', templates, 'folder')
  if (smtp?.tls) checkTls(smtp.tls, '/notifier/smtp/tls', report)
  if (smtp) warnOfOpenMail(smtp, report)
}

/** A mail server on this machine is reached by no wire. */
const HERE = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|)$/

function warnOfOpenMail(smtp: NonNullable<CompleteNotifier['smtp']>, report: Report): void {
  // Taken out where it was wrong.
  const address = parseAddress(smtp.address ?? '', 'smtp')
  if (typeof address === 'string' || HERE.test(address.host)) return
  const key = smtp.disable_starttls ? 'disable_starttls' : smtp.disable_require_tls ? 'disable_require_tls' : undefined
  if (key !== undefined && address.scheme !== 'submissions')
    report.warning(
      'unsafe',
      `/notifier/smtp/${key}`,
      'lets codes and passwords travel in the clear',
      'Use submissions://.',
    )
  if (smtp.tls?.skip_verify) {
    const hint = 'Put the certificate of its authority into certificates_directory.'
    report.warning('unsafe', '/notifier/smtp/tls/skip_verify', 'lets anybody pose as the mail server', hint)
  }
}

function checkTls(tls: CompleteTlsClient, at: Pointer, report: Report): void {
  const [minimum, maximum] = [versionOf(tls.minimum_version) ?? 1.2, versionOf(tls.maximum_version) ?? 1.3]
  if (minimum > maximum) {
    report.error('conflict', `${at}/maximum_version`, `TLS ${maximum} is older than the minimum_version TLS ${minimum}`)
  }
  if (tls.private_key === undefined || tls.certificate_chain === undefined) return
  const pem = { type: 'spki', format: 'der' } as const
  const expected = createPublicKey(createPrivateKey(tls.private_key)).export(pem)
  const [leaf] = pemCertificates(tls.certificate_chain)
  if (!leaf?.publicKey.export(pem).equals(expected)) {
    report.error('conflict', `${at}/certificate_chain`, 'does not belong to private_key')
  }
}

const versionOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text.replace(/^TLS */i, ''))
