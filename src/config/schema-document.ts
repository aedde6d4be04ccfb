// The schemas of schemas/ as one JSON Schema in one document, as editors like it. Reads the files when asked; a running server never does.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const SCHEMA_NAMES = ['configuration', 'users'] as const
export type SchemaName = (typeof SCHEMA_NAMES)[number]

export interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly enum?: readonly (string | number)[]
  readonly format?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly definitions?: Readonly<Record<string, Schema>>
}

const folder = join(import.meta.dirname, '..', '..', 'schemas')

/** With `definitions` for the sections that have files of their own. Words of ours alone (`x-…`) are left out; a deprecated key says so to editors. */
export function schemaDocument(name: SchemaName): Schema {
  const definitions: Record<string, Schema> = {}
  const main = read(name)
  const inline = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(inline)
    if (typeof schema !== 'object' || schema === null) return schema
    const out: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(schema)) {
      if (key.startsWith('x-') || key === '$id' || key === '$schema') continue
      if (key === '$ref') {
        const file = String(value).replace('.schema.json', '')
        if (!(file in definitions)) {
          definitions[file] = {}
          definitions[file] = inline(read(file)) as Schema
        }
        out[key] = `#/definitions/${file}`
      } else out[key] = inline(value)
    }
    const { description } = schema as Schema
    if (typeof description === 'string' && description.startsWith('Deprecated:'))
      out['deprecationMessage'] = description
    return out
  }
  const document = inline(main) as Schema
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...document,
    ...(Object.keys(definitions).length > 0 ? { definitions } : {}),
  } as Schema
}

function read(name: string): Schema {
  return JSON.parse(readFileSync(join(folder, `${name}.schema.json`), 'utf8'))
}
