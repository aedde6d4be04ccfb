// Turns the merged tree into plain data in the form that the schemas describe, with Authelia's conversions ("5" to 5, true to "1", one item to a
// list). Positions are kept. What a conversion can't save is a Problem; ranges, choices and unknown keys are left to the validator.
import type { Problem } from '../yaml/problem.ts'
import { type Draft, type DraftEntry, type DraftMap, isNull, textAt } from './draft.ts'
import { parseDuration } from './format/duration.ts'
import { formatError } from './format/formats.ts'
import { listAround } from './locate.ts'
import { Places, type Pointer, pathOf, step } from './places.ts'
import { scalarTo } from './scalar.ts'
import { endsLikeSecret } from './secret-keys.ts'
import type { ListShape, MapShape, ScalarShape, SectionShape, Shape } from './shape.ts'

export interface Normalised {
  readonly value: Record<string, unknown>
  readonly places: Places
  readonly problems: readonly Problem[]
}

export function normalise(root: DraftMap, shape: SectionShape): Normalised {
  const run = new Normaliser(new Places(root, shape))
  const value = run.section(root, shape, '') as Record<string, unknown>
  return { value, places: run.places, problems: run.problems }
}

/** Stands for "not set". */
const UNSET = Symbol('unset')
type Converted = unknown | typeof UNSET

class Normaliser {
  readonly places: Places
  readonly problems: Problem[] = []

  constructor(places: Places) {
    this.places = places
  }

  convert(draft: Draft, shape: Shape, at: Pointer): Converted {
    if (isNull(draft)) return UNSET
    switch (shape.kind) {
      case 'section':
        return this.section(draft, shape, at)
      case 'map':
        return this.map(draft, shape, at)
      case 'list':
        return this.list(draft, shape, at)
      case 'lists':
        return this.lists(draft, shape, at)
      case 'scalar':
        return this.scalar(draft, shape, at)
    }
  }

  section(draft: Draft, shape: SectionShape, at: Pointer): Converted {
    if (draft.kind !== 'map') return this.#wrongType(draft, at, 'a section with keys below it')
    const out = empty()
    for (const [key, entry] of draft.entries) {
      const known = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined
      if (known) this.#assign(out, key, entry, known, at)
      // Whatever it is, the validator refuses the key.
      else if (!shape.open) out[key] = null
    }
    return out
  }

  map(draft: Draft, shape: MapShape, at: Pointer): Converted {
    if (draft.kind === 'list' && draft.items.length === 0) return empty()
    if (draft.kind !== 'map') return this.#wrongType(draft, at, 'a section with names below it')
    const out = empty()
    for (const [key, entry] of draft.entries) {
      const value = this.convert(entry.value, shape.values, step(at, key))
      if (value !== UNSET) out[key] = value
      else if (!this.places.isSpoiled(step(at, key))) out[key] = emptyOf(shape.values)
    }
    return out
  }

  /** A list of lists: one item alone, or in the outer list, is a list of its own; '' and an empty section are none. */
  lists(draft: Draft, shape: ListShape, at: Pointer): Converted {
    if (draft.kind === 'scalar' && draft.value === '') return []
    if (draft.kind === 'map' && draft.entries.size === 0) return []
    const inner: ListShape = { kind: 'list', items: shape.items }
    const outer = listAround(draft)
    return this.list({ ...outer, items: outer.items.map(listAround) }, { kind: 'list', items: inner }, at)
  }

  list(draft: Draft, shape: ListShape, at: Pointer): Converted {
    if (draft.kind === 'map' && shape.items.kind === 'section') {
      if (draft.entries.size === 0) return []
      return this.#wrongType(draft, at, 'a list', 'Put a dash before its first key.')
    }
    if (draft.kind === 'map' && draft.entries.size === 0) return []
    const items = draft.kind === 'list' ? draft.items : this.#split(draft, shape)
    const out: unknown[] = []
    for (const [index, item] of items.entries()) {
      const here = step(at, index)
      const value = this.#item(item, shape.items, here)
      if (value !== UNSET) out.push(value)
      else this.places.drop(at, index)
    }
    return out
  }

  scalar(draft: Draft, shape: ScalarShape, at: Pointer): Converted {
    const value = this.#scalarValue(draft, shape, at)
    if (value === UNSET || shape.zeroIsValue) return value
    if (value === '' && shape.refusesEmpty) return this.#wrong(draft, at, 'wrong-format', 'must not be empty')
    return value === '' || value === 0 || isNoTime(value, shape) ? UNSET : value
  }

  #item(draft: Draft, shape: Shape, at: Pointer): Converted {
    if (shape.kind !== 'scalar') return isNull(draft) ? emptyOf(shape) : this.convert(draft, shape, at)
    return this.#scalarValue(isNull(draft) ? textAt('', draft.position) : draft, shape, at)
  }

  #scalarValue(draft: Draft, shape: ScalarShape, at: Pointer): Converted {
    if (draft.kind !== 'scalar') return this.#wrongType(draft, at, nounOf(shape))
    const converted = scalarTo(draft, shape)
    if (converted.kind === 'failed') return this.#wrongType(draft, at, nounOf(shape))
    if (converted.note) this.problems.push(problem('warning', 'number-as-text', converted.note, draft, at))
    const { value } = converted
    if (shape.format && typeof value !== 'boolean' && (value !== '' || isItem(at))) {
      const wrong = formatError(shape.format, value)
      if (wrong !== undefined) return this.#wrong(draft, at, 'wrong-format', `${quoted(value, at)}${wrong}`)
    }
    return value
  }

  #assign(out: Record<string, unknown>, key: string, entry: DraftEntry, shape: Shape, at: Pointer): void {
    const value = this.convert(entry.value, shape, step(at, key))
    if (value !== UNSET) out[key] = value
  }

  #split(draft: Draft, shape: ListShape): Draft[] {
    if (!shape.comma || draft.kind !== 'scalar' || draft.type !== 'string') return [draft]
    if (draft.value === '') return []
    return draft.value.split(',').map((part) => ({ ...draft, value: part.trim(), text: part.trim() }) satisfies Draft)
  }

  #wrongType(draft: Draft, at: Pointer, expected: string, hint?: string): typeof UNSET {
    const found = draft.kind === 'scalar' ? quotedScalar(draft, at) : draft.kind === 'list' ? 'a list' : 'a section'
    return this.#wrong(draft, at, 'wrong-type', `must be ${expected}, not ${found}`, hint)
  }

  #wrong(draft: Draft, at: Pointer, code: string, message: string, hint?: string): typeof UNSET {
    this.places.spoil(at)
    this.problems.push({ ...problem('error', code, message, draft, at), ...(hint === undefined ? {} : { hint }) })
    return UNSET
  }
}

const NOUNS: Readonly<Record<ScalarShape['type'], string>> = {
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
}

const isDuration = ({ format }: ScalarShape): boolean =>
  format === 'duration' || format === 'duration-or-never' || format === 'refresh-interval'
const nounOf = (shape: ScalarShape): string => (isDuration(shape) ? 'a duration such as 5m' : NOUNS[shape.type])

const empty = (): Record<string, unknown> => Object.create(null)
const emptyOf = (shape: Shape): unknown => (shape.kind === 'list' || shape.kind === 'lists' ? [] : empty())
const isItem = (at: Pointer): boolean => /\/\d+$/.test(at)

/** Times of zero or less mean "not set"; only a number can be that. */
function isNoTime(value: unknown, shape: ScalarShape): boolean {
  if (!isDuration(shape) || value === 'always' || value === 'disable') return false
  if (shape.format === 'duration-or-never' && value === -1) return false
  return (parseDuration(value as string | number) ?? 1) <= 0
}

const quoted = (value: string | number, at: Pointer): string =>
  endsLikeSecret(pathOf(at)) ? '' : `${JSON.stringify(value)}: `

function quotedScalar(draft: Draft, at: Pointer): string {
  if (draft.kind !== 'scalar' || endsLikeSecret(pathOf(at))) return 'this'
  if (draft.type === 'timestamp') return `the date ${draft.text} (put it in quotes)`
  return draft.type === 'string' ? JSON.stringify(draft.value) : String(draft.value)
}

function problem(severity: Problem['severity'], code: string, what: string, draft: Draft, at: Pointer): Problem {
  const path = pathOf(at)
  return { severity, code, message: `${path} ${what}`, path, position: draft.position }
}
