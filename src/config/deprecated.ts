// Keys that Authelia once had: each is moved to where it stands today, with a warning. The newer key wins where both are written.
import type { Position, Problem } from '../yaml/problem.ts'
import { type Draft, type DraftMap, entryAt, isNull, numberAt, putEntry, takeEntry, textAt } from './draft.ts'

/** Old key → new key; in this order, so that what is moved first may be moved again. */
const RENAMED: readonly (readonly [string, string])[] = [
  ['host', 'server.host'],
  ['port', 'server.port'],
  ['tls_key', 'server.tls.key'],
  ['tls_cert', 'server.tls.certificate'],
  ['logs_level', 'log.level'],
  ['log_level', 'log.level'],
  ['logs_file', 'log.file_path'],
  ['log_file_path', 'log.file_path'],
  ['log_format', 'log.format'],
  ['jwt_secret', 'identity_validation.reset_password.jwt_secret'],
  ['server.read_buffer_size', 'server.buffers.read'],
  ['server.write_buffer_size', 'server.buffers.write'],
  ['server.enable_pprof', 'server.endpoints.enable_pprof'],
  ['server.enable_expvars', 'server.endpoints.enable_expvars'],
  ['session.remember_me_duration', 'session.remember_me'],
  ['authentication_backend.disable_reset_password', 'authentication_backend.password_reset.disable'],
  ['authentication_backend.ldap.url', 'authentication_backend.ldap.address'],
  ['authentication_backend.ldap.skip_verify', 'authentication_backend.ldap.tls.skip_verify'],
  ['authentication_backend.ldap.minimum_tls_version', 'authentication_backend.ldap.tls.minimum_version'],
  ['authentication_backend.ldap.username_attribute', 'authentication_backend.ldap.attributes.username'],
  ['authentication_backend.ldap.mail_attribute', 'authentication_backend.ldap.attributes.mail'],
  ['authentication_backend.ldap.display_name_attribute', 'authentication_backend.ldap.attributes.display_name'],
  ['authentication_backend.ldap.group_name_attribute', 'authentication_backend.ldap.attributes.group_name'],
  ['notifier.smtp.disable_verify_cert', 'notifier.smtp.tls.skip_verify'],
  ['storage.postgres.sslmode', 'storage.postgres.ssl.mode'],
]

/** Keys that no longer do anything. */
const DROPPED: readonly (readonly [string, string])[] = [
  ['webauthn.user_verification', 'Set webauthn.selection_criteria.user_verification instead.'],
  ['authentication_backend.ldap.permit_feature_detection_failure', 'Remove it.'],
]

const PASSWORD = 'authentication_backend.file.password'
const FLAT = ['iterations', 'memory', 'parallelism', 'key_length', 'salt_length'] as const

interface AddressGroup {
  readonly section: string
  readonly port: number
  scheme(port: number): string
}
const GROUPS: readonly AddressGroup[] = [
  { section: 'server', port: 9091, scheme: () => 'tcp' },
  {
    section: 'notifier.smtp',
    port: 25,
    scheme: (port) => (port === 465 ? 'submissions' : port === 587 ? 'submission' : 'smtp'),
  },
  { section: 'storage.mysql', port: 3306, scheme: () => 'tcp' },
  { section: 'storage.postgres', port: 5432, scheme: () => 'tcp' },
]

/** Every old key path, for environment variables. */
export const DEPRECATED_KEYS: readonly string[] = [
  ...RENAMED.map(([old]) => old),
  ...DROPPED.map(([old]) => old),
  ...GROUPS.flatMap(({ section }) => [`${section}.host`, `${section}.port`]),
  'server.path',
  ...FLAT.map((key) => `${PASSWORD}.${key}`),
]

/** Changes the draft in place. */
export function moveDeprecatedKeys(root: DraftMap): Problem[] {
  const problems: Problem[] = []
  for (const [old, replacement] of RENAMED) {
    const entry = takeEntry(root, old)
    if (!entry) continue
    const present = entryAt(root, replacement)
    const used = (!present || isNull(present.value)) && putEntry(root, replacement, entry)
    problems.push(
      warning(
        old,
        entry.keyPosition,
        used
          ? `is an old name of ${replacement}`
          : `is an old name of ${replacement}, which is set as well and is used`,
        used ? `Write ${replacement} instead.` : 'Remove it.',
      ),
    )
  }
  for (const [old, hint] of DROPPED) {
    const entry = takeEntry(root, old)
    if (entry) problems.push(warning(old, entry.keyPosition, 'no longer has an effect', hint))
  }
  for (const group of GROUPS) problems.push(...joinAddress(root, group))
  problems.push(...moveFlatPassword(root))
  return problems
}

/** `host`, `port` and (for the server) `path` become one address. */
function joinAddress(root: DraftMap, { section, port: usual, scheme }: AddressGroup): Problem[] {
  const keys = section === 'server' ? ['host', 'port', 'path'] : ['host', 'port']
  const found = keys.map((key) => takeEntry(root, `${section}.${key}`))
  const first = found.find((entry) => entry !== undefined)
  if (!first) return []
  const target = `${section}.address`
  const names = keys.map((key) => `${section}.${key}`).join(', ')
  const error = (code: string, path: string, position: Position, message: string, hint: string): Problem[] => {
    // What would follow ("address is required") is no second fault, so a stand-in takes its place.
    const standIn = textAt(`${scheme(usual)}://localhost:${usual}`, position)
    if (!entryAt(root, target)) putEntry(root, target, { keyPosition: position, value: standIn })
    return [{ severity: 'error', code, message, hint, path, position }]
  }
  const present = entryAt(root, target)
  if (present && !isNull(present.value)) {
    const message = `the old keys ${names} can't be combined with ${target}`
    return error('deprecated-key', target, first.keyPosition, message, 'Remove the old keys.')
  }
  const [host, portText, path] = found.map((entry) => textOf(entry?.value))
  const port = portText ? Number(portText) : usual
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    const position = found[1]?.value.position ?? first.keyPosition
    const message = `'${portText}' is not a port between 0 and 65535`
    return error('wrong-format', `${section}.port`, position, message, `Write ${target} instead.`)
  }
  const bracketed = host?.includes(':') && !host.startsWith('[') ? `[${host}]` : (host ?? '')
  const subPath = path ? `/${path.replace(/^\//, '')}` : ''
  const address = host?.startsWith('/') ? `unix://${host}` : `${scheme(port)}://${bracketed}:${port}${subPath}`
  putEntry(root, target, { keyPosition: first.keyPosition, value: textAt(address, first.value.position) })
  return [warning(names, first.keyPosition, `are old names of ${target}`, `Write ${target}: ${address} instead.`)]
}

/** The flat options of argon2id and sha512, from the time when there were only those two. */
function moveFlatPassword(root: DraftMap): Problem[] {
  const problems: Problem[] = []
  const variant = entryAt(root, `${PASSWORD}.argon2.variant`)
  if (variant && /^(?:id|i|d)$/.test(textOf(variant.value) ?? '')) {
    variant.value = textAt(`argon2${textOf(variant.value)}`, variant.value.position)
  }
  const algorithm = entryAt(root, `${PASSWORD}.algorithm`)
  const old = textOf(algorithm?.value)
  const section = old === 'argon2id' ? 'argon2' : old === 'sha512' ? 'sha2crypt' : undefined
  if (algorithm && section) {
    const { position } = algorithm.value
    algorithm.value = textAt(section, position)
    putEntry(root, `${PASSWORD}.${section}.variant`, {
      keyPosition: position,
      value: textAt(old ?? '', position),
    })
    const hint = `Write ${section} instead.`
    problems.push(warning(`${PASSWORD}.algorithm`, position, `'${old}' is an old name of '${section}'`, hint))
  }
  for (const key of FLAT) {
    const entry = takeEntry(root, `${PASSWORD}.${key}`)
    if (!entry) continue
    const applies = section === 'argon2' || (section === 'sha2crypt' && /^(?:iterations|salt_length)$/.test(key))
    if (!section || !applies) {
      problems.push(warning(`${PASSWORD}.${key}`, entry.keyPosition, 'has no effect with this algorithm', 'Remove it.'))
      continue
    }
    const target = `${PASSWORD}.${section}.${key}`
    if (key === 'memory') entry.value = kibibytes(entry.value)
    if (!entryAt(root, target)) putEntry(root, target, entry)
    problems.push(warning(`${PASSWORD}.${key}`, entry.keyPosition, `is an old name of ${target}`, `Write ${target}.`))
  }
  return problems
}

/** The flat `memory` counts MiB. */
function kibibytes(value: Draft): Draft {
  const mebibytes = Number(textOf(value))
  return Number.isInteger(mebibytes) ? numberAt(mebibytes * 1024, value.position) : value
}

const textOf = (draft: Draft | undefined): string | undefined =>
  draft?.kind === 'scalar' && draft.type !== 'null' ? String(draft.value) : undefined

function warning(path: string, position: Position, what: string, hint: string): Problem {
  return { severity: 'warning', code: 'deprecated-key', message: `${path} ${what}`, hint, path, position }
}
