// The flags that say what is to be in a user's fields, and their values as the users file takes them.
import { Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { TEXT_FIELDS } from '../../directory/user-fields.ts'
import { closestName } from '../../yaml/closest-name.ts'
import type { YamlValue } from '../../yaml/write.ts'
import type { UsersPlace } from './users-command.ts'

export const userFieldFlags = {
  'display-name': Flags.string({ char: 'd', description: 'Name as people read it.', helpValue: 'TEXT' }),
  email: Flags.string({ char: 'e', description: 'E-mail address.', helpValue: 'ADDRESS' }),
  field: Flags.string({
    multiple: true,
    description: 'Any other field of the users file: given_name, locale, address.locality, extra.NAME …',
    helpValue: 'NAME=VALUE',
  }),
}
export interface UserFieldFlags {
  readonly 'display-name'?: string | undefined
  readonly email?: string | undefined
  readonly field?: readonly string[] | undefined
}

/** By field, `address.locality` for one within another. @throws Fault `user-field`, `user-email` */
export function fieldsFrom(flags: UserFieldFlags, place: UsersPlace): Map<string, YamlValue> {
  const fields = new Map<string, YamlValue>()
  if (flags['display-name'] !== undefined) fields.set('displayname', flags['display-name'])
  if (flags.email !== undefined) fields.set('email', requireEmail(flags.email))
  for (const pair of flags.field ?? []) {
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    requireField(name, place)
    if (equals < 0) {
      throw new Fault('user-field', `--field ${name} has no value.`, { hint: `--field ${name}=VALUE`, exitCode: 2 })
    }
    fields.set(name, fieldValue(name, pair.slice(equals + 1), place))
  }
  return fields
}

/** Fields within fields become maps. */
export function nestFields(fields: ReadonlyMap<string, YamlValue>): ReadonlyMap<string, YamlValue> {
  const nested = new Map<string, YamlValue>()
  for (const [name, value] of fields) {
    const dot = name.indexOf('.')
    if (dot < 0) nested.set(name, value)
    else {
      const outer = nested.get(name.slice(0, dot))
      const inner = outer instanceof Map ? (outer as ReadonlyMap<string, YamlValue>) : []
      nested.set(name.slice(0, dot), new Map<string, YamlValue>([...inner, [name.slice(dot + 1), value]]))
    }
  }
  return nested
}

const OWN_FLAGS: Readonly<Record<string, string>> = {
  displayname: '--display-name',
  email: '--email',
  password: '`latchkey user password`',
  groups: '`latchkey user groups`',
  disabled: '`latchkey user disable`',
}

/** @throws Fault `user-field` */
export function requireField(name: string, { extraAttributes }: UsersPlace): void {
  const known = [
    ...TEXT_FIELDS.filter((field) => !(field in OWN_FLAGS)),
    ...Object.keys(extraAttributes).map((field) => `extra.${field}`),
  ]
  if (known.includes(name)) return
  const own = OWN_FLAGS[name]
  const near = closestName(name, known)
  throw new Fault('user-field', `${JSON.stringify(name)} is no field for this.`, {
    hint: own ? `Use ${own}.` : near ? `Did you mean ${near}?` : `There are ${known.join(', ')}.`,
    exitCode: 2,
  })
}

/** Extra attributes have the type that the configuration gives them; lists are separated by commas. */
function fieldValue(name: string, text: string, { extraAttributes }: UsersPlace): YamlValue {
  const attribute = name.startsWith('extra.') ? extraAttributes[name.slice('extra.'.length)] : undefined
  if (!attribute) return text
  const typed = (value: string): YamlValue => {
    if (attribute.valueType === 'integer' && /^-?\d{1,15}$/.test(value)) return Number(value)
    if (attribute.valueType === 'boolean' && /^(?:true|false)$/.test(value)) return value === 'true'
    if (attribute.valueType === 'string') return value
    const wanted = attribute.valueType === 'integer' ? 'a whole number' : 'true or false'
    throw new Fault('user-field', `${name} must be ${wanted}.`, {
      hint: 'authentication_backend.file.extra_attributes says so.',
      exitCode: 2,
    })
  }
  return attribute.multiValued ? text.split(',').map((part) => typed(part.trim())) : typed(text)
}

/** @throws Fault `user-email` */
function requireEmail(text: string): string {
  if (/^[^\s@<>,;]+@[^\s@<>,;]+$/.test(text)) return text
  throw new Fault('user-email', `${JSON.stringify(text)} is no e-mail address.`, {
    hint: 'It must be like name@example.com.',
    exitCode: 2,
  })
}
