// Checks of the second factors, of bans, and of what surrounds them.
import { parseDuration } from '../format/duration.ts'
import { isParsed, parseUrl } from '../format/url.ts'
import type { CheckContext } from './context.ts'

export function checkFactors(context: CheckContext): void {
  checkDefaultMethod(context)
  checkTotp(context)
  checkWebauthn(context)
  checkDuo(context)
  checkRegulation(context)
  checkPolicies(context)
}

function checkTotp({ config, report }: CheckContext): void {
  if (config.totp.disable || !config.totp.disable_reuse_security_policy) return
  const message = 'lets a code be used twice, also by somebody who watched it being typed'
  report.warning('unsafe', '/totp/disable_reuse_security_policy', message, 'Remove it.')
}

function checkDefaultMethod({ config, report }: CheckContext): void {
  const method = config.default_2fa_method
  const disabled =
    (method === 'totp' && config.totp.disable) ||
    (method === 'webauthn' && config.webauthn.disable) ||
    (method === 'mobile_push' && config.duo_api?.disable)
  if (disabled) report.error('conflict', '/default_2fa_method', `is ${method}, which is disabled`, 'Choose another.')
}

function checkWebauthn({ config, report }: CheckContext): void {
  const { webauthn } = config
  const at = '/webauthn'
  if (webauthn.metadata.enabled) {
    const message = "can't be honoured: the FIDO metadata is never fetched, so no attestation can be checked against it"
    report.error(
      'not-built-yet',
      `${at}/metadata/enabled`,
      message,
      'Remove it; filtering limits which models may be registered.',
    )
  }
  const { permitted_aaguids: permitted, prohibited_aaguids: prohibited } = webauthn.filtering
  if (permitted?.length && prohibited?.length) {
    report.error('conflict', `${at}/filtering/prohibited_aaguids`, 'must not be combined with permitted_aaguids')
  }
  if (webauthn.enable_passkey_login && webauthn.disable) {
    report.error('conflict', `${at}/enable_passkey_login`, 'must not be true when disable is true')
  }
  for (const key of ['experimental_enable_passkey_uv_two_factors', 'experimental_enable_passkey_upgrade'] as const) {
    if (!webauthn[key] || webauthn.enable_passkey_login) continue
    report.error('conflict', `${at}/${key}`, 'needs enable_passkey_login')
  }
  if (webauthn.enable_passkey_login && webauthn.selection_criteria.discoverability === 'discouraged') {
    const path = `${at}/selection_criteria/discoverability`
    report.warning('odd-value', path, 'should be preferred or required for passkeys')
  }
}

function checkDuo({ config, report }: CheckContext): void {
  const duo = config.duo_api
  const keys = ['hostname', 'integration_key', 'secret_key'] as const
  if (!duo || duo.disable || keys.every((key) => !duo[key])) return
  for (const key of keys) if (!duo[key]) report.missing(`/duo_api/${key}`)
}

function checkRegulation({ config, report }: CheckContext): void {
  const { find_time: find, ban_time: ban } = config.regulation
  if ((parseDuration(find) ?? 0) > (parseDuration(ban) ?? 0)) {
    report.error(
      'wrong-value',
      '/regulation/find_time',
      `must not be longer than ban_time, but ${find} is longer than ${ban}`,
    )
  }
}

function checkPolicies({ config, report }: CheckContext): void {
  const { standard, zxcvbn } = config.password_policy
  if (standard.enabled && zxcvbn.enabled) {
    report.error('conflict', '/password_policy/zxcvbn/enabled', 'must not be combined with standard.enabled')
  }
  if (standard.enabled && standard.min_length < 1) {
    report.error(
      'wrong-value',
      '/password_policy/standard/min_length',
      `must be at least 1, not ${standard.min_length}`,
    )
  }
  if (zxcvbn.enabled && (zxcvbn.min_score < 1 || zxcvbn.min_score > 4)) {
    report.error('wrong-value', '/password_policy/zxcvbn/min_score', `must be 1 to 4, not ${zxcvbn.min_score}`)
  }
  const { enabled, policy_url: url } = config.privacy_policy
  if (!enabled) return
  if (url === undefined) report.missing('/privacy_policy/policy_url')
  else {
    const parsed = parseUrl(url)
    if (isParsed(parsed) && parsed.scheme !== 'https') {
      report.error('insecure-scheme', '/privacy_policy/policy_url', 'must begin with https://')
    }
  }
}
