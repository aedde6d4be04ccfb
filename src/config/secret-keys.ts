// Which keys hold secrets: their values are never shown, and may be given as a file.

const EXCEPTIONS = new Set(['server.tls.key', 'tls_key', 'authentication_backend.disable_reset_password'])

/** @param path as Authelia writes it */
export function isSecretKey(path: string): boolean {
  if (EXCEPTIONS.has(path) || path.startsWith('identity_providers.oidc.lifespans.') || /[[*]/.test(path)) return false
  return endsLikeSecret(path)
}

/** For messages: wider than what may be given as a file. */
export function endsLikeSecret(path: string): boolean {
  return /(?:key|secret|password|token|certificate_chain)$/.test(path)
}
