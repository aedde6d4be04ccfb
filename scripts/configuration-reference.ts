// docs/reference/configuration.md and users-file.md: every key with type, default and description, as tables made from the schemas.
import { DEPRECATED_KEYS } from '../src/config/deprecated.ts'
import { NOT_BUILT, WITHOUT_EFFECT } from '../src/config/not-built.ts'
import { type Schema, type SchemaName, schemaDocument } from '../src/config/schema-document.ts'
import { isSecretKey } from '../src/config/secret-keys.ts'
import { type LineValue, oneLine } from '../src/yaml/one-line.ts'
import { cell, GENERATED } from './markdown.ts'

interface Row {
  readonly path: string
  readonly schema: Schema
  readonly required: boolean
}

/** Path below the project's folder → text. */
export function configurationReference(): Readonly<Record<string, string>> {
  return {
    'docs/reference/configuration.md': configurationPage(),
    'docs/reference/users-file.md': usersPage(),
  }
}

const CONFIGURATION_HEAD = `# Configuration reference

${GENERATED}

Every key of \`configuration.yml\`, in the layout of Authelia. \`latchkey config generate --full\` writes the same as a file to edit,
\`latchkey config show\` says what is in force and where each value came from, \`latchkey config schema\` prints what editors complete by.

- \`[]\` stands for the items of a list, \`*\` for a name of your choice.
- A *duration* is a number of seconds or a text such as \`5m\`, \`1h 30m\`, \`2 weeks\`, \`1M\` (a month), \`1y\`.
- Each key that isn't within a list can be set by an environment variable, which wins over the files: \`server.address\` is
  \`LATCHKEY_SERVER_ADDRESS\` (or \`AUTHELIA_SERVER_ADDRESS\`).
- A key marked *secret* may also be given as a file, and only where it has no other value: \`LATCHKEY_STORAGE_ENCRYPTION_KEY_FILE=/run/secrets/key\`.
- *(example)* in the place of a default shows what a value looks like; *required* ones have to be written.
`

function configurationPage(): string {
  const document = schemaDocument('configuration')
  const rows = rowsOf('configuration')
  const sections = Object.keys(document.properties ?? {}).filter((name) => !isDeprecated(document.properties?.[name]))
  const below = (name: string): readonly Row[] =>
    rows.filter(({ path }) => path.startsWith(`${name}.`) || path.startsWith(`${name}[`))
  const isSection = (name: string): boolean => below(name).length > 0
  const plain = rows.filter(({ path, schema }) => sections.includes(path) && !isSection(path) && !isDeprecated(schema))
  const parts = sections.filter(isSection).flatMap((name) => {
    const own = rows.find(({ path }) => path === name)
    const inside = below(name)
    const current = inside.filter(({ schema }) => !isDeprecated(schema))
    return [`## ${name}`, sectionWords(own, name), table(current), oldKeys(inside)]
  })
  const old = rows.filter(({ path }) => !/[.[]/.test(path))
  const older = DEPRECATED_KEYS.filter((path) => !rows.some((row) => row.path === path)).map((path) => `\`${path}\``)
  const tail = [
    '## Keys of older versions',
    `Of Authelia's, still read with a warning that names the new one: ${older.join(', ')}.`,
  ]
  return page([CONFIGURATION_HEAD, '## Keys of no section', table(plain), oldKeys(old), ...parts, ...tail])
}

function usersPage(): string {
  const head = `# Users file reference

${GENERATED}

What \`authentication_backend.file.path\` names: who may sign in. \`latchkey user --help\` lists the commands that edit it; every field is set by
\`latchkey user set NAME --field FIELD=VALUE\`. \`*\` stands for a name of your choice. Changes count at once.
`
  return page([head, table(rowsOf('users').filter(({ path }) => path !== 'users'))])
}

const page = (parts: readonly string[]): string =>
  `${parts
    .filter((part) => part !== '')
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')}\n`

function sectionWords(own: Row | undefined, name: string): string {
  const effect = WITHOUT_EFFECT.some((section) => section === name) ? ' **Checked, but without effect yet.**' : ''
  return `${own?.schema.description ?? ''}${effect}`
}

function table(rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const lines = rows.map(({ path, schema, required }) => {
    const refused = Object.entries(NOT_BUILT).find(([section]) => path === section)?.[1]
    const words = [
      ...(refused ? [`**Not built yet, and refused by name.** ${refused[1]}`] : []),
      schema.description ?? '',
      ...choices(schema),
      ...(required ? ['*Required.*'] : []),
      ...(isSecretKey(path) ? ['*Secret.*'] : []),
    ].filter((word) => word !== '')
    return `| \`${path}\` | ${typeOf(schema)} | ${shownDefault(schema)} | ${cell(words.join(' '))} |`
  })
  return ['| key | type | default | what it does |', '|---|---|---|---|', ...lines].join('\n')
}

function oldKeys(all: readonly Row[]): string {
  const rows = all.filter(({ schema }) => isDeprecated(schema))
  if (rows.length === 0) return ''
  return [
    'Still read, each with a warning:',
    '',
    ...rows.map(({ path, schema }) => `- \`${path}\`: ${(schema.description ?? '').replace(/^Deprecated: /, '')}`),
  ].join('\n')
}

/** Everything of a schema, depth first, sections before what is in them. */
function rowsOf(name: SchemaName): readonly Row[] {
  const document = schemaDocument(name)
  const whole = (schema: Schema): Schema => {
    if (schema.$ref === undefined) return schema
    const { $ref, ...own } = schema
    return { ...document.definitions?.[$ref.replace('#/definitions/', '')], ...own }
  }
  const rows: Row[] = []
  const walk = (raw: Schema, path: string, required: boolean): void => {
    const schema = whole(raw)
    const isOurs = path !== ''
    if (isOurs) rows.push({ path, schema, required })
    // What is in a section that isn't built yet, or in an old one, is of no use to anybody.
    if (isDeprecated(schema) || path in NOT_BUILT) return
    for (const [key, child] of Object.entries(schema.properties ?? {}))
      walk(child, isOurs ? `${path}.${key}` : key, schema.required?.includes(key) ?? false)
    if (typeof schema.additionalProperties === 'object') walk(schema.additionalProperties, `${path}.*`, false)
    inList(schema, path)
  }
  const inList = (schema: Schema, path: string): void => {
    const items = schema.items && whole(schema.items)
    if (!items) return
    for (const [key, child] of Object.entries(items.properties ?? {}))
      walk(child, `${path}[].${key}`, items.required?.includes(key) ?? false)
    inList(items, `${path}[]`)
  }
  walk(document, '', false)
  return rows
}

const isDeprecated = (schema: Schema | undefined): boolean => schema?.description?.startsWith('Deprecated:') ?? false

function typeOf(schema: Schema): string {
  const types = [schema.type ?? []].flat()
  if (types.includes('array')) {
    const items = [schema.items?.type ?? []].flat()
    const inner = schema.items?.enum ? 'words' : items.includes('object') || schema.items?.$ref ? 'sections' : 'texts'
    if (items.includes('array')) return 'list of lists'
    return types.includes('string') ? `one or a list of ${inner}` : `list of ${inner}`
  }
  if (schema.format) return schema.format.replaceAll('-', ' ')
  if (schema.enum) return 'one of'
  if (typeof schema.additionalProperties === 'object') return 'by name'
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    object: 'section',
    boolean: 'yes or no',
    integer: 'whole number',
  }
  return types.map((type) => names[type] ?? type).join(' or ')
}

function choices(schema: Schema): readonly string[] {
  const some = schema.enum ?? schema.items?.enum
  return some ? [`One of: ${some.map((one) => (one === '' ? 'nothing' : `\`${one}\``)).join(', ')}.`] : []
}

function shownDefault(schema: Schema): string {
  const code = (value: unknown): string => `\`${oneLine(value as LineValue).replaceAll('|', '\\|')}\``
  if (schema.default !== undefined) {
    const isSection = typeof schema.default === 'object' && !Array.isArray(schema.default)
    return isSection ? '' : code(schema.default)
  }
  return schema.examples?.[0] === undefined ? '' : `${code(schema.examples[0])} *(example)*`
}
