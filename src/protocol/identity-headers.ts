// The identity headers of an allowing answer, built once per user. All four are always there, so that a proxy that copies them overwrites what a
// client sent; empty ones say that nobody is known.
import type { UserIdentity } from '../policy/model.ts'
import { ReadyAnswer } from './ready-answer.ts'

/** Whole answers, ready to be sent. */
export interface IdentityHeaders {
  readonly plain: ReadyAnswer
  /** With the list of headers that Envoy is to remove from the visitor's request. */
  readonly envoy: ReadyAnswer
}

const NAMES = ['Remote-User', 'Remote-Groups', 'Remote-Name', 'Remote-Email'] as const
/** Applications behind CGI, WSGI or Rack can't tell these from the real ones. */
const ALIASES = NAMES.map((name) => name.toLowerCase().replace('-', '_'))
const END = ['Cache-Control', 'no-store', 'Content-Length', '0']

export const ANONYMOUS_HEADERS: IdentityHeaders = headersOf(['', '', '', ''])

/** undefined when a value can't stand in a header without becoming another one: control characters, or blanks around a name that is compared. */
export function identityHeaders(
  user: Pick<UserIdentity, 'username' | 'groups' | 'displayName' | 'emails'>,
): IdentityHeaders | undefined {
  const { username, groups, displayName, emails } = user
  if (username === '') return undefined
  const values = [username, groups.join(','), displayName, emails[0] ?? '']
  if (values.some((value) => /[\x00-\x1f\x7f]/.test(value))) return undefined
  if ([username, ...groups].some((name) => name.trim() !== name)) return undefined
  return headersOf(values.map(utf8Bytes))
}

function headersOf(values: readonly string[]): IdentityHeaders {
  const plain = [...NAMES.flatMap((name, i) => [name, values[i] ?? '']), ...END]
  // What is listed wins over what is set, so only empty ones are.
  const unset = NAMES.filter((_, i) => !values[i])
  const toRemove = [...unset, ...ALIASES].join(',').toLowerCase()
  return {
    plain: new ReadyAnswer(plain),
    envoy: new ReadyAnswer([...plain, 'x-envoy-auth-headers-to-remove', toRemove]),
  }
}

/** Node writes one byte per character; so UTF-8 arrives as UTF-8. */
const utf8Bytes = (text: string): string => (/^[\x20-\x7e]*$/.test(text) ? text : Buffer.from(text).toString('latin1'))
