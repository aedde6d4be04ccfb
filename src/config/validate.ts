// Holds normalised data against the schemas by the precompiled validator and says in words what does not fit. What does not fit is taken out, so
// that the checks after it can rely on the types; defaults are filled in.
import { closestName } from '../yaml/closest-name.ts'
import type { CompleteConfig } from './complete.generated.ts'
import { type Places, type Pointer, pathOf, step, stepsOf } from './places.ts'
import type { Report } from './report.ts'
import { endsLikeSecret } from './secret-keys.ts'
import { CONFIG_SHAPE, keyPaths, type Shape } from './shape.ts'
import { validate as validator } from './validator.generated.ts'

interface SchemaError {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Keys that were once taken or are often tried, and what to write instead. */
const HINTS: Readonly<Record<string, string>> = {
  google_analytics: 'It was removed.',
  logs_file_path: 'Write log.file_path.',
  'authentication_backend.file.hashing': 'Write authentication_backend.file.password.',
  'authentication_backend.file.password_hashing': 'Write authentication_backend.file.password.',
  'authentication_backend.file.password_options': 'Write authentication_backend.file.password.',
  'notifier.smtp.trusted_cert': 'Put the certificate into the folder certificates_directory.',
  users: 'Users belong into a file of their own, which authentication_backend.file.path names.',
}

/** Changes `value` in place. */
export function validate(value: Record<string, unknown>, report: Report, places: Places): CompleteConfig {
  const run = validator as { (data: unknown): boolean; errors?: readonly SchemaError[] | null }
  // Taking out what is wrong never makes something else wrong but missing, so two rounds would do.
  for (let round = 0; round < 3 && !run(value); round++) {
    const doomed = new Set<Pointer>()
    for (const error of run.errors ?? []) {
      const at = pointerOf(error)
      if (error.keyword === 'required') {
        if (round === 0) report.missing(at)
        continue
      }
      doomed.add(at)
      // A list that is empty only because its items were wrong is no second fault.
      if (error.keyword === 'minItems' && report.isSpoiled(at)) continue
      if (error.keyword === 'additionalProperties')
        report.error('unknown-key', at, 'is not a known key', unknownHint(at))
      else report.error('wrong-value', at, describe(error, at, value), choiceHint(error, at, value))
    }
    for (const pointer of [...doomed].sort(laterItemsFirst)) remove(value, pointer, places)
    if (doomed.size === 0) break
  }
  return value as unknown as CompleteConfig
}

function pointerOf({ instancePath, keyword, params }: SchemaError): Pointer {
  if (keyword === 'required') return step(instancePath, String(params['missingProperty']))
  if (keyword === 'additionalProperties') return step(instancePath, String(params['additionalProperty']))
  return instancePath
}

function describe(error: SchemaError, at: Pointer, value: unknown): string {
  const { params } = error
  const found = endsLikeSecret(pathOf(at)) ? '' : `, not ${JSON.stringify(valueAt(value, at))}`
  switch (error.keyword) {
    case 'enum': {
      const choices = (params['allowedValues'] as unknown[]).map((choice) => `${choice}`)
      return `must be ${choices.length > 1 ? `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}` : choices[0]}${found}`
    }
    case 'minimum':
      return `must be at least ${params['limit']}${found}`
    case 'maximum':
      return `must be at most ${params['limit']}${found}`
    case 'minItems':
      return `must not be empty`
    default:
      return `does not fit the schema (${error.keyword})`
  }
}

function choiceHint(error: SchemaError, at: Pointer, value: unknown): string | undefined {
  const found = valueAt(value, at)
  if (error.keyword !== 'enum' || typeof found !== 'string') return undefined
  const closest = closestName(found, (error.params['allowedValues'] as unknown[]).map(String))
  return closest === undefined ? undefined : `Did you mean ${closest}?`
}

function unknownHint(at: Pointer): string | undefined {
  const path = pathOf(at)
  const hint = HINTS[path]
  if (hint !== undefined) return hint
  const steps = stepsOf(at)
  const key = steps.at(-1) ?? ''
  const shape = shapeAt(steps.slice(0, -1))
  const siblings = shape?.kind === 'section' ? Object.keys(shape.keys) : []
  const closest = closestName(key, siblings)
  if (closest !== undefined)
    return `Did you mean ${pathOf(at.slice(0, at.lastIndexOf('/')))}${steps.length > 1 ? '.' : ''}${closest}?`
  if (key.includes('.')) return `Write it nested: ${key.split('.').join(': ')}.`
  const elsewhere = keyPaths().filter((known) => known.endsWith(`.${key}`))
  if (elsewhere.length === 1) return `There is ${elsewhere[0]}; perhaps the indentation is off.`
  return siblings.length > 0 && siblings.length <= 12 ? `Known here: ${siblings.join(', ')}.` : undefined
}

function shapeAt(steps: readonly string[]): Shape | undefined {
  let shape: Shape | undefined = CONFIG_SHAPE
  for (const name of steps) {
    if (shape?.kind === 'section') shape = Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined
    else if (shape?.kind === 'map') shape = shape.values
    else if (shape?.kind === 'lists') shape = { kind: 'list', items: shape.items }
    else if (shape?.kind === 'list') shape = shape.items
  }
  return shape
}

/** Deepest first and last first, so that taking out one item doesn't move another that is still to go. */
function laterItemsFirst(a: Pointer, b: Pointer): number {
  const [left, right] = [stepsOf(a), stepsOf(b)]
  return right.length - left.length || Number(right.at(-1)) - Number(left.at(-1)) || 0
}

function valueAt(root: unknown, pointer: Pointer): unknown {
  return stepsOf(pointer).reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root)
}

function remove(root: unknown, pointer: Pointer, places: Places): void {
  const list = pointer.slice(0, pointer.lastIndexOf('/'))
  const parent = valueAt(root, list)
  const key = stepsOf(pointer).at(-1) ?? ''
  if (Array.isArray(parent)) {
    places.drop(places.written(list), Number(stepsOf(places.written(pointer)).at(-1)))
    parent.splice(Number(key), 1)
  } else if (typeof parent === 'object' && parent !== null) {
    places.spoil(pointer)
    delete (parent as Record<string, unknown>)[key]
  }
}
