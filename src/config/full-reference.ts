// A configuration file with every key: what it does, what it takes, its default. Made from the schemas, so that it can't say anything else than they do.
import { type LineValue, oneLine } from '../yaml/one-line.ts'
import { NOT_BUILT, WITHOUT_EFFECT } from './not-built.ts'
import { type Schema, schemaDocument } from './schema-document.ts'

/** What stands where an operator chooses a name. */
const NAMES: Readonly<Record<string, string>> = {
  'server.endpoints.authz': 'forward-auth',
  'authentication_backend.file.extra_attributes': 'locker_number',
  'definitions.network': 'internal',
  'definitions.user_attributes': 'is_admin',
}
const WIDTH = 120

/** Lines that begin with `##` explain; taking the `# ` away from one that begins so sets its key. Sections are open and say nothing by themselves. */
export function fullReference(): string {
  const document = schemaDocument('configuration')
  const writer = new Writer(document.definitions ?? {})
  writer.section(document, '', 0)
  return `${[...HEAD, ...writer.lines].join('\n')}\n`
}

const HEAD = [
  '# yaml-language-server: $schema=configuration.schema.json',
  '## The line above lets editors complete and check; `latchkey config schema --output configuration.schema.json` makes that file.',
  '## Every key of the configuration, in the layout of Authelia. Lines that begin with ## explain. To set a key, take the "# " away from its line;',
  '## as long as a key is commented out, its default counts, which is what stands there. Keys with an empty value or one marked (Example.) have no',
  '## default. Deprecated keys are left out: the keys that took their places are here.',
]

class Writer {
  readonly lines: string[] = []
  readonly #definitions: Readonly<Record<string, Schema>>

  constructor(definitions: Readonly<Record<string, Schema>>) {
    this.#definitions = definitions
  }

  /** @param item below a list, or anything else that must not stand open: everything is commented out, sections too */
  section(schema: Schema, path: string, indent: number, item = false): void {
    const required = new Set(schema.required)
    for (const [name, raw] of Object.entries(schema.properties ?? {})) {
      const child = this.#whole(raw)
      if (child.description?.startsWith('Deprecated:')) continue
      const here = path === '' ? name : `${path}.${name}`
      const refused = NOT_BUILT[here]
      if (indent === 0) this.lines.push('')
      if (refused) {
        this.prose(`${name}: ${refused[0]} not built yet. ${refused[1]}`, indent)
        continue
      }
      this.prose(wordsOf(child, required.has(name)), indent)
      if (WITHOUT_EFFECT.some((section) => section === here)) this.prose('Checked, but without effect yet.', indent)
      this.key(name, child, here, indent, item)
    }
  }

  key(name: string, schema: Schema, path: string, indent: number, item: boolean): void {
    const types = [schema.type ?? []].flat()
    const items = schema.items && this.#whole(schema.items)
    if (types.includes('array') && items && isOfSections(items)) {
      this.header(name, indent, item)
      this.item(items, path, indent + 2)
    } else if (schema.properties) {
      // A section without a default asks for something by merely being there.
      const commented = item || schema.default === undefined
      this.header(name, indent, commented)
      this.section(schema, path, indent + 2, commented)
    } else if (typeof schema.additionalProperties === 'object') {
      this.header(name, indent, item)
      const chosen = NAMES[path] ?? 'name'
      const values = this.#whole(schema.additionalProperties)
      this.prose(`Under a name of your choice: ${wordsOf(values, false)}`, indent + 2)
      this.key(chosen, values, `${path}.*`, indent + 2, true)
    } else this.leaf(`${name}: ${oneLine(shownValue(schema))}`, indent)
  }

  /** One item of a list of sections; in a list of lists the outer dash is written as well. */
  item(items: Schema, path: string, indent: number): void {
    const inner = items.items && this.#whole(items.items)
    const section = inner ?? items
    this.prose(section.description ?? '', indent)
    const before = this.lines.length
    const dashes = inner ? '- - ' : '- '
    this.section(section, `${path}[]`, indent + dashes.length, true)
    // The dash stands before the first key; what explains that key stands straight above it, as everywhere.
    for (let at = before; at < this.lines.length; at++) {
      const text = (this.lines[at] ?? '').trimStart()
      const isKey = text.startsWith('# ')
      this.lines[at] = `${' '.repeat(indent)}${isKey ? `# ${dashes}${text.slice(2)}` : text}`
      if (isKey) break
    }
  }

  header(name: string, indent: number, commented: boolean): void {
    if (commented) this.leaf(`${name}:`, indent)
    else this.lines.push(`${' '.repeat(indent)}${name}:`)
  }

  leaf(text: string, indent: number): void {
    this.lines.push(`${' '.repeat(indent)}# ${text}`)
  }

  prose(text: string, indent: number): void {
    let line = ''
    for (const word of text.split(' ')) {
      if (line !== '' && indent + 3 + line.length + 1 + word.length > WIDTH) {
        this.lines.push(`${' '.repeat(indent)}## ${line}`)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    if (line !== '') this.lines.push(`${' '.repeat(indent)}## ${line}`)
  }

  #whole(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema
    const { $ref, ...own } = schema
    return { ...this.#definitions[$ref.replace('#/definitions/', '')], ...own }
  }
}

const isOfSections = (items: Schema): boolean =>
  items.properties !== undefined || (items.items !== undefined && isOfSections(items.items))

function wordsOf(schema: Schema, required: boolean): string {
  const choices = schema.enum ?? schema.items?.enum
  return [
    schema.description ?? '',
    ...(choices ? [`One of: ${choices.join(', ')}.`] : []),
    ...(required ? ['Required.'] : []),
    ...(schema.default === undefined && schema.examples ? ['(Example.)'] : []),
  ].join(' ')
}

/** The default, an example, or what is the same as nothing. */
function shownValue(schema: Schema): LineValue {
  const types = [schema.type ?? []].flat()
  const value = schema.default ?? schema.examples?.[0]
  if (value !== undefined) return value as LineValue
  if (types.includes('array')) return []
  return types[0] === 'integer' ? 0 : types[0] === 'boolean' ? false : ''
}
