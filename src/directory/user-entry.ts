// One user of the users file: fields, their types (as strict and as lenient as Authelia's), and whether the attributes can be passed on.
import type { DirectoryConfig } from '../config/config.ts'
import type { MapNode, Node, ScalarNode } from '../yaml/node.ts'
import type { Position, Problem } from '../yaml/problem.ts'
import type { User } from './directory.ts'
import { checkExtraAttributes } from './extra-attributes.ts'
import type { PasswordHash } from './hash-format.ts'
import { parseHash } from './password-hash.ts'

export interface UserEntry {
  readonly user: User
  readonly hash: PasswordHash
  readonly disabled: boolean
  /** An attribute can't stand in a response header; the user is treated as if disabled. */
  readonly unusable: boolean
  readonly position: Position
}

const TEXT_FIELDS = [
  'given_name',
  'middle_name',
  'family_name',
  'nickname',
  'gender',
  'birthdate',
  'zoneinfo',
  'phone_number',
  'phone_extension',
] as const
const URL_FIELDS = ['website', 'profile', 'picture'] as const
const ADDRESS_FIELDS = ['street_address', 'locality', 'region', 'postal_code', 'country'] as const
/** What a boolean may be written as besides true and false; quotes don't matter. */
const YES = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/
const NO = /^(?:n|N|no|No|NO|off|Off|OFF)$/
/** What can't stand in a header, or would end it. */
const UNSENDABLE = /[\u0000-\u0008\u000a-\u001f\u007f]/

/** Adds to `problems`; undefined when one of them is an error. Unknown keys are ignored. */
export function readUser(
  name: string,
  node: Node,
  position: Position,
  extraAttributes: DirectoryConfig['file']['extraAttributes'],
  problems: Problem[],
): UserEntry | undefined {
  const reader = new FieldReader(name, node, position, problems)
  const displayName = reader.required('displayname')
  const password = reader.required('password')
  const email = reader.text('email')
  const groups = reader.groups()
  const disabled = reader.boolean('disabled')
  for (const field of TEXT_FIELDS) reader.text(field)
  for (const field of URL_FIELDS) reader.url(field)
  reader.locale()
  const address = reader.map('address')
  if (address) for (const field of ADDRESS_FIELDS) reader.textOf(address.entries.get(field)?.value, `address.${field}`)
  const extra = reader.map('extra')
  if (extra) checkExtraAttributes(extra, extraAttributes, (at, message) => reader.fail('user-extra', at, message))
  const parsed = password === '' ? undefined : parseHash(password)
  if (parsed?.kind === 'refused') {
    const message = `The password hash of user ${quote(name)} can't be used: ${parsed.reason}.`
    const hint = 'Make a new one with `latchkey hash`.'
    problems.push({ severity: 'error', code: 'user-password-hash', message, hint, position: reader.at('password') })
  }
  if (reader.failed || parsed?.kind !== 'ok') return undefined
  const user = { username: name, displayName, emails: email === '' ? [] : [email], groups }
  return { user, hash: parsed.hash, disabled, unusable: reader.findUnsendable(user), position }
}

class FieldReader {
  failed = false
  readonly #name: string
  readonly #fields: MapNode | undefined
  readonly #position: Position
  readonly #problems: Problem[]

  constructor(name: string, node: Node, position: Position, problems: Problem[]) {
    this.#name = name
    this.#position = position
    this.#problems = problems
    this.#fields = node.kind === 'map' ? node : undefined
    if (node.kind !== 'map' && !isNull(node)) this.fail('user-type', node.position, 'must be a map')
  }

  at(field: string): Position {
    return this.#value(field)?.position ?? this.#position
  }
  fail(code: string, position: Position, what: string): void {
    this.failed = true
    const message = `User ${quote(this.#name)}: ${what}.`
    this.#problems.push({ severity: 'error', code, message, path: `users.${this.#name}`, position })
  }

  text(field: string): string {
    return this.textOf(this.#value(field), field)
  }
  textOf(node: Node | undefined, field: string): string {
    if (node === undefined || isNull(node)) return ''
    if (node.kind === 'scalar' && node.type !== 'timestamp') return node.text
    const what = node.kind === 'scalar' ? 'a date; put it in quotes' : `a ${node.kind}`
    this.fail('user-type', node.position, `${field} must be a text, not ${what}`)
    return ''
  }
  required(field: string): string {
    const failedBefore = this.failed
    const text = this.text(field)
    if (text === '' && this.failed === failedBefore) {
      this.fail('user-incomplete', this.at(field), `${field} is missing or empty`)
    }
    return text
  }
  boolean(field: string): boolean {
    const node = this.#value(field)
    if (node === undefined || isNull(node)) return false
    if (node.kind === 'scalar' && node.type === 'boolean') return node.value
    if (node.kind === 'scalar' && node.type === 'string' && YES.test(node.text)) return true
    if (node.kind === 'scalar' && node.type === 'string' && NO.test(node.text)) return false
    this.fail('user-type', node.position, `${field} must be true or false, without quotes`)
    return false
  }
  map(field: string): MapNode | undefined {
    const node = this.#value(field)
    if (node === undefined || isNull(node)) return undefined
    if (node.kind === 'map') return node
    this.fail('user-type', node.position, `${field} must be a map`)
    return undefined
  }
  groups(): readonly string[] {
    const node = this.#value('groups')
    if (node === undefined || isNull(node)) return []
    if (node.kind !== 'list') {
      this.fail('user-type', node.position, 'groups must be a list')
      return []
    }
    const groups = node.items.map((item) => {
      const group = this.textOf(item, 'a group')
      if (group.includes(',')) {
        this.fail(
          'user-group-name',
          item.position,
          `the group ${quote(group)} has a comma in it, which separates groups`,
        )
      }
      return group
    })
    return [...new Set(groups.filter((group) => group !== ''))]
  }
  url(field: string): void {
    const text = this.text(field)
    if (text !== '' && !(/^https?:/i.test(text) && URL.canParse(text))) {
      this.fail('user-url', this.at(field), `${field} must be an address beginning with http:// or https://`)
    }
  }
  locale(): void {
    const text = this.text('locale')
    if (text !== '' && !isLanguageTag(text)) {
      this.fail('user-locale', this.at('locale'), 'locale must be a language tag such as en or de-DE')
    }
  }

  /** Control characters would break out of the header or make it impossible; blanks around a name are lost on the way, and it'd be another's. */
  findUnsendable(user: User): boolean {
    const broken = [user.username, user.displayName, ...user.emails, ...user.groups].some(
      (value) => UNSENDABLE.test(value) || !value.isWellFormed(),
    )
    const anonymous = user.username === '' || user.username.trim() !== user.username
    if (!broken && !anonymous) return false
    const what = broken ? 'an attribute holds control characters' : 'the name is empty, or begins or ends with a blank'
    const message = `User ${quote(this.#name)} can't sign in: ${what}.`
    const code = 'user-unusable'
    this.#problems.push({ severity: 'warning', code, message, position: this.#position })
    return true
  }

  #value(field: string): Node | undefined {
    return this.#fields?.entries.get(field)?.value
  }
}

const isNull = (node: Node): node is ScalarNode & { readonly type: 'null' } =>
  node.kind === 'scalar' && node.type === 'null'
const quote = (text: string): string => JSON.stringify(text.slice(0, 100))

/** BCP 47, with `_` for `-` as is common. */
function isLanguageTag(text: string): boolean {
  const tag = text.replaceAll('_', '-')
  if (/^x(?:-[A-Za-z0-9]{1,8})+$/i.test(tag)) return true
  if (!/^[A-Za-z]{2,3}(?:-|$)/.test(tag)) return false
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
