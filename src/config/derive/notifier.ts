// How messages leave: the address with its scheme becomes host, port and a way of encrypting.
import { resolve } from 'node:path'
import type { CompleteNotifier, CompleteTlsClient } from '../complete.generated.ts'
import type { NotifierConfig, SmtpConfig, TlsClientConfig, TlsVersion } from '../config.ts'
import { parseAddress } from '../format/address.ts'
import { parseMailAddress } from '../format/mail-address.ts'
import { milliseconds } from './milliseconds.ts'

const PORTS: Readonly<Record<string, number>> = { smtp: 25, submission: 587, submissions: 465 }
const TIMEOUT = 5000

export function deriveNotifier(notifier: CompleteNotifier, cwd: string): NotifierConfig {
  const { smtp, filesystem, template_path: templates, new_sign_in_notice: notice } = notifier
  return {
    startupCheck: !notifier.disable_startup_check,
    templatePath: templates === undefined ? undefined : resolve(cwd, templates),
    // A file holds the latest message only: a notice would take the place of a code that somebody waits for.
    newSignInNotice: notice ?? smtp !== undefined,
    transport: smtp ? deriveSmtp(smtp) : { kind: 'file', path: resolve(cwd, filesystem?.filename ?? '') },
  }
}

function deriveSmtp(smtp: NonNullable<CompleteNotifier['smtp']>): SmtpConfig {
  const address = parseAddress(smtp.address, 'smtp')
  const sender = parseMailAddress(smtp.sender)
  if (typeof address === 'string' || !sender) throw new Error('unvalidated notifier.smtp')
  const { username = '', password = '' } = smtp
  const isImplicit = address.scheme === 'submissions'
  const byStarttls = smtp.disable_starttls ? 'none' : smtp.disable_require_tls ? 'offered' : 'required'
  return {
    kind: 'smtp',
    host: address.host || 'localhost',
    port: address.port || (PORTS[address.scheme] ?? 25),
    encryption: isImplicit ? 'implicit' : byStarttls,
    timeout: milliseconds(smtp.timeout) || TIMEOUT,
    credentials: username === '' && password === '' ? undefined : { username, password },
    sender,
    subject: smtp.subject,
    identifier: smtp.identifier,
    html: !smtp.disable_html_emails,
    tls: deriveTlsClient(smtp.tls),
  }
}

function deriveTlsClient(tls: Partial<CompleteTlsClient> = {}): TlsClientConfig {
  return {
    minVersion: versionOf(tls.minimum_version) ?? 'TLSv1.2',
    maxVersion: versionOf(tls.maximum_version) ?? 'TLSv1.3',
    skipVerify: tls.skip_verify ?? false,
    serverName: tls.server_name || undefined,
    privateKey: tls.private_key || undefined,
    certificateChain: tls.certificate_chain || undefined,
  }
}

/** As Node writes it. */
function versionOf(text: string | undefined): TlsVersion | undefined {
  const number = text?.replace(/^TLS *1\.|^1\./i, '')
  return number === undefined ? undefined : number === '0' ? 'TLSv1' : (`TLSv1.${number}` as TlsVersion)
}
