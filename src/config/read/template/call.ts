// What a function of templates is: a name, the kinds of its arguments and a pure or reading body; checks arguments as Go does.
import type { Budget } from './budget.ts'
import { TemplateError } from './template-error.ts'
import { Dict, kindOf, type Value } from './value.ts'

/** What functions may look at besides their arguments. */
export interface World {
  readonly budget: Budget
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** To be told of each file that is read. */
  readonly onFileRead: (path: string) => void
}

export type ArgumentKind = 'text' | 'integer' | 'boolean' | 'dict' | 'any'

export interface TemplateFunction {
  /** One for each argument; with `rest` any number more of that kind. */
  readonly takes: readonly ArgumentKind[]
  readonly rest?: ArgumentKind
  readonly call: (args: readonly Value[], world: World) => Value
}

/** Declares a function; the body gets checked arguments and says what they are by `text()`, `integer()` and so on. */
export function define(
  takes: readonly ArgumentKind[],
  call: (args: readonly Value[], world: World) => Value,
  rest?: ArgumentKind,
): TemplateFunction {
  return { takes, call, ...(rest && { rest }) }
}

export const text = (value: Value): string => (typeof value === 'string' ? value : '')
export const integer = (value: Value): number =>
  typeof value === 'bigint' || typeof value === 'number' ? Number(value) : 0
export const dict = (value: Value): Dict => (value instanceof Dict ? value : new Dict())

/** Returns the arguments as the body wants them. @throws TemplateError */
export function checkArguments(
  name: string,
  { takes, rest }: TemplateFunction,
  args: readonly Value[],
): readonly Value[] {
  if (args.length < takes.length || (rest === undefined && args.length > takes.length)) {
    const wanted = rest === undefined ? String(takes.length) : `at least ${takes.length}`
    throw new TemplateError(
      `${name} takes ${wanted} argument${takes.length === 1 ? '' : 's'}, here it gets ${args.length}`,
    )
  }
  return args.map((value, index) => {
    const kind = takes[index] ?? rest ?? 'any'
    const fits = FITS[kind](value)
    if (!fits)
      throw new TemplateError(`argument ${index + 1} of ${name} must be ${NAMES[kind]}, not ${describe(value)}`)
    return value
  })
}

const FITS: Record<ArgumentKind, (value: Value) => boolean> = {
  any: () => true,
  text: (value) => typeof value === 'string',
  integer: (value) => typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)),
  boolean: (value) => typeof value === 'boolean',
  dict: (value) => value instanceof Dict,
}
const NAMES: Record<ArgumentKind, string> = {
  any: 'anything',
  text: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  dict: 'a dict',
}

/** The kind of a value in words, never the value. */
export function describe(value: Value): string {
  if (value === undefined) return 'a missing value'
  const names: Record<string, string> = {
    invalid: 'nil',
    int: 'a number',
    float64: 'a number',
    bool: 'a boolean',
    string: 'a text',
  }
  return names[kindOf(value)] ?? `a ${kindOf(value) === 'slice' ? 'list' : kindOf(value)}`
}
