// The fields of a user in the users file, and their values as they are to be written there.
import type { Node } from '../yaml/node.ts'
import { plainInteger } from '../yaml/scalar-value.ts'
import type { YamlValue } from '../yaml/write.ts'

/** In the order in which a new user is written; `address` and `extra` are maps. */
const USER_FIELDS = [
  'displayname',
  'password',
  'email',
  'groups',
  'disabled',
  'given_name',
  'middle_name',
  'family_name',
  'nickname',
  'gender',
  'birthdate',
  'website',
  'profile',
  'picture',
  'zoneinfo',
  'locale',
  'phone_number',
  'phone_extension',
  'address',
  'extra',
] as const
export const ADDRESS_FIELDS = ['street_address', 'locality', 'region', 'postal_code', 'country'] as const

/** Fields that hold one text each, a part of the address as `address.locality`. */
export const TEXT_FIELDS: readonly string[] = [
  ...USER_FIELDS.filter((name) => !['groups', 'disabled', 'address', 'extra'].includes(name)),
  ...ADDRESS_FIELDS.map((name) => `address.${name}`),
]

/** A user of another users file with the types that his fields are to have: `phone_extension: 0012` is a text. Unknown keys are taken as they are. */
export function userFields(node: Node): ReadonlyMap<string, YamlValue> {
  if (node.kind !== 'map') return new Map()
  const fields = [...node.entries.values()]
    .filter(({ keyIsNull }) => !keyIsNull)
    .map(({ key, value }): readonly [string, YamlValue] => {
      if (key === 'disabled') return [key, isYes(value)]
      return [key, yamlValue(value, TEXT_FIELDS.includes(key) || key === 'groups' || key === 'address')]
    })
    .filter(([, value]) => value !== null)
  return new Map(fields)
}

/** What the reader of users takes for true. */
const isYes = (node: Node): boolean => node.kind === 'scalar' && /^(?:true|y|yes|on)$/i.test(node.text)

/** @param asText every scalar is a text, whatever it looks like */
function yamlValue(node: Node, asText: boolean): YamlValue {
  switch (node.kind) {
    case 'list':
      return node.items.map((item) => yamlValue(item, asText))
    case 'map':
      return new Map([...node.entries.values()].map(({ key, value }) => [key, yamlValue(value, asText)]))
    case 'scalar':
      if (node.type === 'null') return null
      if (asText || node.type === 'string' || node.type === 'timestamp') return node.text
      return node.type === 'integer' ? (plainInteger(node.text) ?? node.value) : node.value
  }
}
