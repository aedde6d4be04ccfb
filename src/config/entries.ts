// The configuration as a flat list of its values, in the order of the schemas. A list of plain values is one value; a list of sections is taken apart.
import type { CompleteConfig } from './complete.generated.ts'
import { parseDuration } from './format/duration.ts'
import { pathOf, step } from './places.ts'
import { CONFIG_SHAPE, type Shape } from './shape.ts'

export type PlainValue = string | number | boolean | readonly PlainValue[] | Readonly<Record<string, never>>
/** From the top; numbers are the places of items in lists. */
export type Steps = readonly (string | number)[]

export interface Entry {
  readonly steps: Steps
  /** As Authelia writes it: `session.cookies[0].domain`. */
  readonly path: string
  readonly value: PlainValue
  /** Must not be shown. */
  readonly secret: boolean
}

export const pointerOfSteps = (steps: Steps): string => steps.reduce<string>(step, '')

export function entriesOf(input: CompleteConfig): Entry[] {
  return [...walk(input, CONFIG_SHAPE, [])]
}

/** One entry more, at a place that the input leaves open. */
export function entryAt(steps: Steps, value: PlainValue): Entry {
  const path = pathOf(pointerOfSteps(steps))
  return { steps, path, value, secret: holdsSecret(path) }
}

function* walk(value: unknown, shape: Shape | undefined, steps: Steps): Iterable<Entry> {
  if (value === undefined || value === null) return
  if (Array.isArray(value)) {
    if (isPlain(value)) yield entryAt(steps, value)
    else {
      const items = shape && 'items' in shape ? shape.items : undefined
      const inner: Shape | undefined = shape?.kind === 'lists' && items ? { kind: 'list', items } : items
      for (const [index, item] of value.entries()) yield* walk(item, inner, [...steps, index])
    }
  } else if (typeof value === 'object') {
    const section = value as Record<string, unknown>
    const names = inOrderOf(shape, Object.keys(section))
    if (names.length === 0 && steps.length > 0) yield entryAt(steps, {})
    for (const name of names) yield* walk(section[name], childOf(shape, name), [...steps, name])
  } else yield entryAt(steps, value as PlainValue)
}

const isPlain = (list: readonly unknown[]): boolean =>
  list.every((item) => (Array.isArray(item) ? isPlain(item) : typeof item !== 'object'))

function childOf(shape: Shape | undefined, name: string): Shape | undefined {
  if (shape?.kind === 'map') return shape.values
  return shape?.kind === 'section' && Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined
}

/** Names that an operator chose stay in his order. */
function inOrderOf(shape: Shape | undefined, names: readonly string[]): readonly string[] {
  if (shape?.kind !== 'section') return names
  const order = Object.keys(shape.keys)
  return names.toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
}

/** Wider than what may be given as a file; paths of key files and names of query parameters are none. */
function holdsSecret(path: string): boolean {
  if (path === 'server.tls.key' || /\.ssl\.key$|\.query\[|^identity_providers\.oidc\.lifespans\./.test(path))
    return false
  return /(?:key|secret|password|token|certificate_chain)$/.test(path)
}

/** The shape of what stands at `steps`. */
export function shapeAt(steps: Steps): Shape | undefined {
  return steps.reduce<Shape | undefined>((shape, name) => {
    if (typeof name === 'string') return childOf(shape, name)
    if (shape?.kind === 'lists') return { kind: 'list', items: shape.items }
    return shape?.kind === 'list' ? shape.items : undefined
  }, CONFIG_SHAPE)
}

/** Equal for values that mean the same: `5m` and `300` are one duration. */
export function meaningOf({ steps, value }: Pick<Entry, 'steps' | 'value'>): string {
  const shape = shapeAt(steps)
  if (shape?.kind === 'scalar' && /^(?:duration|refresh)/.test(shape.format ?? '')) {
    const time =
      typeof value === 'string' || (typeof value === 'number' && value > 0) ? parseDuration(value) : undefined
    if (time !== undefined) return `${time} ms`
  }
  return JSON.stringify(value)
}
