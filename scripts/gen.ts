// Generates from schemas/: the TypeScript types (src/config/types.ts), the shape that drives normalise, and the precompiled validator; from
// templates/proxy: the proxies' files in examples/; from schemas and commands: the references in docs/reference/.
// With --check nothing is written: what would be written is compared with what is there.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { compile, compileFromFile, type JSONSchema } from 'json-schema-to-typescript'
import type { ScalarShape, Shape } from '../src/config/shape.ts'
import { commandReference } from './command-reference.ts'
import { configurationReference } from './configuration-reference.ts'
import { proxyExamples } from './proxy-examples.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'schemas')
const BANNER = '// Generated from schemas/ by `npm run gen`. Do not edit.'

interface Schema {
  readonly $id?: string
  readonly title?: string
  readonly required?: readonly string[]
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly enum?: readonly (string | number)[]
  readonly 'x-case'?: 'upper' | 'lower'
  readonly 'x-comma'?: boolean
  readonly 'x-empty'?: boolean
  readonly 'x-lists'?: number
  readonly 'x-strict'?: boolean
  readonly 'x-zero'?: boolean
}

const read = (file: string): Schema => JSON.parse(readFileSync(join(folder, file), 'utf8'))

/** Every schema file that the configuration is composed of. */
function collect(file: string, found = new Map<string, Schema>()): Map<string, Schema> {
  if (found.has(file)) return found
  const schema = read(file)
  found.set(file, schema)
  for (const [, reference] of JSON.stringify(schema).matchAll(/"\$ref":"([^"#]+)"/g)) collect(reference ?? '', found)
  return found
}
const files = collect('configuration.schema.json')

/** What normalise needs to know of a schema, without words. */
function shapeOf(schema: Schema): Shape {
  if (schema.$ref !== undefined) return shapeOf(files.get(schema.$ref) as Schema)
  const types = [schema.type ?? []].flat()
  if (types.includes('array')) {
    const lists = schema['x-lists'] === 2
    const items = lists ? schema.items?.items : schema.items
    return {
      kind: lists ? 'lists' : 'list',
      items: shapeOf(items as Schema),
      ...(schema['x-comma'] ? { comma: true } : {}),
    }
  }
  if (types.includes('object')) {
    if (typeof schema.additionalProperties === 'object')
      return { kind: 'map', values: shapeOf(schema.additionalProperties) }
    const keys = Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, value]) => [key, shapeOf(value)]),
    )
    return { kind: 'section', keys, ...(schema.additionalProperties === true ? { open: true } : {}) }
  }
  return scalarShape(schema, types)
}

function scalarShape(schema: Schema, types: readonly string[]): ScalarShape {
  return {
    kind: 'scalar',
    type: (types[0] ?? 'string') as ScalarShape['type'],
    ...(schema.format ? { format: schema.format as NonNullable<ScalarShape['format']> } : {}),
    ...(schema['x-zero'] ? { zeroIsValue: true } : {}),
    ...(schema['x-empty'] === false ? { refusesEmpty: true } : {}),
    ...(schema['x-strict'] ? { strict: true } : {}),
    ...(schema['x-case'] ? { letterCase: schema['x-case'] } : {}),
  }
}

function validatorSource(): string {
  const ajv = new Ajv({
    allErrors: true,
    messages: false,
    useDefaults: true,
    allowUnionTypes: true,
    inlineRefs: false,
    validateFormats: false,
    code: { source: true, esm: false, optimize: 2 },
  })
  ajv.addVocabulary(['x-case', 'x-comma', 'x-empty', 'x-lists', 'x-strict', 'x-zero'])
  for (const schema of files.values()) ajv.addSchema(schema as object)
  const validate = ajv.getSchema('configuration.schema.json')
  if (!validate) throw new Error('configuration.schema.json did not compile')
  // The validator is emitted as CommonJS (the ESM form of ajv's standalone code still calls require) and wrapped, so that tsc carries it into dist/.
  return [
    '// @ts-nocheck',
    BANNER,
    "import { createRequire } from 'node:module'",
    'const require = createRequire(import.meta.url)',
    'const module = { exports: {} }',
    'const exports = module.exports',
    standalone.default(ajv, validate).replace('"use strict";', ''),
    'export const validate = module.exports',
    '',
  ].join('\n')
}

const TYPE_OPTIONS = {
  cwd: folder,
  bannerComment: '',
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  style: { semi: false, singleQuote: true, printWidth: 120 },
}

async function typesSource(): Promise<string> {
  const configuration = await compileFromFile(join(folder, 'configuration.schema.json'), TYPE_OPTIONS)
  const users = await compileFromFile(join(folder, 'users.schema.json'), TYPE_OPTIONS)
  return `${BANNER}\n// What a person writes; what the server runs on is Config in config.ts.\n\n${configuration}\n${users}`
}

/** What the validator leaves: defaults are filled in, so that what has one is always there; lists are lists. */
function complete(schema: Schema): Schema {
  const { $ref, properties, items, additionalProperties } = schema
  const required = Object.keys(properties ?? {}).filter((key) => properties?.[key]?.default !== undefined)
  const types = [schema.type ?? []].flat()
  return {
    ...schema,
    ...($ref === undefined ? {} : { $ref: `#/definitions/${$ref.replace('.schema.json', '')}` }),
    ...(types.includes('array') ? { type: 'array' } : {}),
    ...(schema.title ? { title: `Complete ${schema.title.replace(/Input$/, '')}` } : {}),
    ...(items ? { items: complete(items) } : {}),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: complete(additionalProperties) } : {}),
    ...(properties
      ? {
          properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, complete(value)])),
          required: [...(schema.required ?? []), ...required],
        }
      : {}),
  }
}

async function completeTypesSource(): Promise<string> {
  const definitions = Object.fromEntries(
    [...files].map(([file, schema]) => {
      const { $id, ...rest } = complete(schema)
      return [file.replace('.schema.json', ''), rest]
    }),
  )
  const { configuration, ...others } = definitions
  const source = await compile({ ...configuration, definitions: others } as JSONSchema, 'CompleteConfig', TYPE_OPTIONS)
  return `${BANNER}\n// What the validator returns: ConfigInput with its defaults filled in and one item made a list. Values are still as a person writes them.\n\n${source}`
}

const shape = shapeOf(read('configuration.schema.json'))
const outputs: Record<string, string> = {
  'src/config/types.ts': await typesSource(),
  'src/config/complete.generated.ts': await completeTypesSource(),
  'src/config/shape.generated.ts': `${BANNER}\nimport type { SectionShape } from './shape.ts'\n\nexport const CONFIG_SHAPE: SectionShape = ${JSON.stringify(shape)}\n`,
  'src/config/validator.generated.ts': validatorSource(),
  ...proxyExamples(),
  ...configurationReference(),
  ...(await commandReference()),
}

const check = process.argv.includes('--check')
const current = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
for (const [name, text] of Object.entries(outputs)) {
  const path = join(root, name)
  if (current(path) === text) continue
  if (check) {
    console.error(`${name} is not what its source (schemas/, templates/proxy, src/commands) says; run \`npm run gen\``)
    process.exitCode = 1
  } else {
    writeFileSync(path, text)
    console.log(`wrote ${name}`)
  }
}
