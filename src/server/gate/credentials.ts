// Credentials in a header (RFC 7617, RFC 6750), read strictly: one scheme, one blank, one token, canonical base64, valid UTF-8.

export type Credentials =
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer' }

const ABSENT: Credentials = { kind: 'absent' }
const UNREADABLE: Credentials = { kind: 'unreadable' }
const BEARER: Credentials = { kind: 'bearer' }
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Schemes other than Basic and Bearer are unreadable, as Authelia has it: somebody who means to prove who he is isn't taken for nobody. */
export function readCredentials(header: string | undefined): Credentials {
  if (header === undefined || header === '') return ABSENT
  const blank = header.indexOf(' ')
  if (blank < 0) return UNREADABLE
  const scheme = header.slice(0, blank).toLowerCase()
  const token = header.slice(blank + 1)
  if (scheme === 'bearer') return /^[\w.~+/=-]+$/.test(token) ? BEARER : UNREADABLE
  return scheme === 'basic' ? readBasic(token) : UNREADABLE
}

function readBasic(token: string): Credentials {
  const bytes = Buffer.from(token, 'base64')
  // Buffer.from forgives missing padding, other alphabets and junk; what it read must be what was written.
  if (bytes.toString('base64') !== token) return UNREADABLE
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return UNREADABLE
  }
  const colon = text.indexOf(':')
  // An empty password must reach no directory: LDAP takes it for an anonymous bind (RFC 4513 §5.1.2).
  if (colon <= 0 || colon === text.length - 1 || /[\x00-\x1f\x7f]/.test(text)) return UNREADABLE
  return { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) }
}
