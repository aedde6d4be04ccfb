// Checks of authentication_backend and the attributes of users.
import type { CompleteConfig } from '../complete.generated.ts'
import { isParsed, parseUrl } from '../format/url.ts'
import { step } from '../places.ts'
import type { Report } from '../report.ts'
import type { CheckContext } from './context.ts'

type Password = NonNullable<CompleteConfig['authentication_backend']['file']>['password']

/** Attributes that every user has. */
const RESERVED = new Set(
  (
    'username groups display_name email emails email_verified given_name middle_name family_name nickname gender birthdate website profile ' +
    'picture zoneinfo locale phone_number phone_number_rfc3966 phone_number_verified phone_extension address street_address locality region ' +
    'postal_code country updated_at'
  ).split(' '),
)

const NAME = /^[a-zA-Z0-9][\w/.:~-]*$/
const NAME_RULE = 'must be a name of letters, digits and /_.:~-, beginning with a letter or digit'

export function checkUsers({ config, report }: CheckContext): void {
  const { file, password_reset: reset } = config.authentication_backend
  const at = '/authentication_backend'
  if (file === undefined) report.missing(at, 'needs a source of users', 'Write authentication_backend.file.path.')
  else checkPassword(file.password, report)
  const extra = Object.keys(file?.extra_attributes ?? {})
  for (const name of extra) {
    const here = step(`${at}/file/extra_attributes`, name)
    if (RESERVED.has(name)) report.error('reserved-name', here, 'is the name of an attribute that every user has')
    else if (!NAME.test(name)) report.error('wrong-name', here, NAME_RULE)
  }
  for (const name of Object.keys(config.definitions.user_attributes ?? {})) {
    const here = step('/definitions/user_attributes', name)
    if (!NAME.test(name)) report.error('wrong-name', here, NAME_RULE)
    if (!RESERVED.has(name) && !extra.includes(name)) continue
    report.error(
      'reserved-name',
      step('/definitions/user_attributes', name),
      'is the name of an attribute that users have already',
    )
  }
  if (reset.custom_url !== undefined) {
    const url = parseUrl(reset.custom_url)
    if (isParsed(url) && url.scheme !== 'http' && url.scheme !== 'https') {
      report.error('wrong-value', `${at}/password_reset/custom_url`, 'must begin with https:// or http://')
    }
  }
}

function checkPassword(password: Password, report: Report): void {
  const at = '/authentication_backend/file/password'
  const { memory, parallelism } = password.argon2
  if (memory < 8 * parallelism) {
    const message = `must be at least 8 KiB a lane, that is ${8 * parallelism}, not ${memory}`
    report.error('wrong-value', `${at}/argon2/memory`, message)
  }
  if (password.scrypt.variant !== 'yescrypt') return
  if (password.scrypt.parallelism !== 1) {
    report.error('wrong-value', `${at}/scrypt/parallelism`, 'must be 1 with the variant yescrypt')
  }
  // Otherwise it would come out when somebody sets a new password.
  if (password.algorithm === 'scrypt') {
    report.error(
      'not-built-yet',
      `${at}/scrypt/variant`,
      'yescrypt is not built yet',
      'Use the variant scrypt, or better the algorithm argon2.',
    )
  }
}
