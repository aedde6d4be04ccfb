// The values that a template computes with, as Go has them: integers (bigint) and floats (number) differ, missing (undefined) is not nil (null).
import type { GoTime } from './go-time.ts'

export type Value = undefined | null | string | boolean | bigint | number | readonly Value[] | Dict | GoTime | FoundFile

/** A map with text keys; the only value that a template can change (`set`). */
export class Dict {
  readonly entries: Map<string, Value>
  /** Whether Go would have it as `map[string]string`. */
  readonly ofText: boolean

  constructor(entries: Iterable<readonly [string, Value]> = [], ofText = false) {
    this.entries = new Map(entries)
    this.ofText = ofText
  }

  /** In the order in which Go prints and ranges. */
  sorted(): [string, Value][] {
    return [...this.entries].sort(([a], [b]) => compareText(a, b))
  }
}

/** What `walk` finds. */
export class FoundFile {
  readonly fields: ReadonlyMap<string, string>

  constructor(name: string, path: string, absolutePath: string) {
    this.fields = new Map([
      ['Name', name],
      ['Path', path],
      ['AbsolutePath', absolutePath],
    ])
  }
}

/** By bytes of UTF-8, as Go compares strings. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

const textLists = new WeakSet<readonly Value[]>()

/** A list that Go would have as `[]string`. */
export function textList(items: readonly string[]): readonly Value[] {
  textLists.add(items)
  return items
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** What `if`, `and`, `or` and `not` go by; `empty` and `default` as well. */
export function isTrue(value: Value): boolean {
  if (value === undefined || value === null) return false
  if (isList(value)) return value.length > 0
  if (value instanceof Dict) return value.entries.size > 0
  if (typeof value === 'object') return true
  return Boolean(value)
}

export function kindOf(value: Value): string {
  if (value === undefined || value === null) return 'invalid'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (isList(value)) return 'slice'
  return value instanceof Dict ? 'map' : 'struct'
}

/** As Go's `%T`. */
export function typeOf(value: Value): string {
  if (value === undefined || value === null) return '<nil>'
  if (isList(value)) return textLists.has(value) ? '[]string' : '[]interface {}'
  if (value instanceof Dict) return value.ofText ? 'map[string]string' : 'map[string]interface {}'
  if (value instanceof FoundFile) return 'templates.WalkInfo'
  return typeof value === 'object' ? 'time.Time' : kindOf(value)
}
