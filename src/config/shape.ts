// The form of the configuration as data: which keys there are and what kind of value each takes. Generated from schemas/ into
// shape.generated.ts; drives normalise and knows every key path. Says nothing about ranges and choices: that is the validator's.
import type { FormatName } from './format/formats.ts'
import { CONFIG_SHAPE } from './shape.generated.ts'

export type Shape = SectionShape | MapShape | ListShape | ScalarShape

/** A map whose keys are known. */
export interface SectionShape {
  readonly kind: 'section'
  readonly keys: Readonly<Record<string, Shape>>
  /** Unknown keys are passed over. */
  readonly open?: true
}
/** A map whose keys are names that the operator chooses. */
export interface MapShape {
  readonly kind: 'map'
  readonly values: Shape
}
export interface ListShape {
  /** `lists`: a list of lists; one item or one list is wrapped. */
  readonly kind: 'list' | 'lists'
  readonly items: Shape
  /** One text may hold several items with commas between them. */
  readonly comma?: true
}
export interface ScalarShape {
  readonly kind: 'scalar'
  readonly type: 'string' | 'integer' | 'boolean'
  readonly format?: FormatName
  /** '' or 0 is a value of its own. Everywhere else it means "not set", as in Authelia. */
  readonly zeroIsValue?: true
  /** '' is an error rather than "not set". */
  readonly refusesEmpty?: true
  /** Only a YAML string will do. */
  readonly strict?: true
  readonly letterCase?: 'upper' | 'lower'
}

export { CONFIG_SHAPE }

/** Every path below the shape that may hold a value, as Authelia writes it: `session.cookies[].domain`, `definitions.network.*`. */
export function keyPaths(shape: Shape = CONFIG_SHAPE, path = ''): string[] {
  switch (shape.kind) {
    case 'section':
      return Object.entries(shape.keys).flatMap(([key, child]) => keyPaths(child, path === '' ? key : `${path}.${key}`))
    case 'map':
      return [path, ...keyPaths(shape.values, `${path}.*`)]
    case 'list':
    case 'lists':
      return [path, ...(shape.items.kind === 'section' ? keyPaths(shape.items, `${path}[]`) : [])]
    case 'scalar':
      return [path]
  }
}
