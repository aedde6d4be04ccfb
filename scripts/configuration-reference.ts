// docs/reference/configuration.md and users-file.md: every key with type, default and description, as tables made from the schemas.
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

- \`[]\` stands for the items of a list, \`*\` for a name of your choice. Where a list is asked for, one value will do.
- A *duration* is a number of seconds or a text such as \`5m\`, \`1h 30m\`, \`2 weeks\`, \`1M\` (a month), \`1y\`.
- Each key that isn't in a list can be set by an environment variable, which comes before the files: \`session.cookies\` apart, \`server.address\` is
  \`LATCHKEY_SERVER_ADDRESS\` (or \`AUTHELIA_SERVER_ADDRESS\`).
- A key marked *secret* may also be given as a file, and only where it has no other value: \`LATCHKEY_STORAGE_ENCRYPTION_KEY_FILE=/run/secrets/key\`.
- *(example)* in the place of a default shows what a value looks like; *required* ones have to be written.
`

function configurationPage(): string {
  const document = schemaDocument('configuration')
  const rows = rowsOf('configuration')
  const sections = Object.keys(document.properties ?? {}).filter((name) => !isDeprecated(document.properties?.[name]))
  const parts = sections.flatMap((name) => {
    const inside = rows.filter(
      ({ path }) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`),
    )
    const own = inside.find(({ path }) => path === name)
    const current = inside.filter(({ schema, path }) => !isDeprecated(schema) && (path !== name || inside.length === 1))
    return [
      `## ${name}`,
      sectionWords(own, name),
      table(current),
      oldKeys(inside.filter(({ schema }) => isDeprecated(schema))),
    ]
  })
  const top = rows.filter(({ path, schema }) => isDeprecated(schema) && !/[.[]/.test(path))
  return page([CONFIGURATION_HEAD, ...parts, ...(top.length > 0 ? ['## Old keys at the top', oldKeys(top)] : [])])
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

function oldKeys(rows: readonly Row[]): string {
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
    return items.includes('array') ? 'list of lists' : `list of ${inner}`
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
