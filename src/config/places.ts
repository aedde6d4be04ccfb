// Where each value of the configuration came from, by JSON pointer, and how its path is written for people.
import type { Position } from '../yaml/problem.ts'
import type { DraftMap } from './draft.ts'
import { type Location, locate } from './locate.ts'
import type { SectionShape } from './shape.ts'

export type Pointer = string

/** Appends one step (RFC 6901). */
export function step(pointer: Pointer, key: string | number): Pointer {
  if (typeof key === 'number' || !/[~/]/.test(key)) return `${pointer}/${key}`
  return `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

export function stepsOf(pointer: Pointer): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** `/session/cookies/0/domain` → `session.cookies[0].domain`. Names of digits only below a map look like items; that is for reading only. */
export function pathOf(pointer: Pointer): string {
  return stepsOf(pointer)
    .map((part, index) => (/^\d+$/.test(part) && index > 0 ? `[${part}]` : index > 0 ? `.${part}` : part))
    .join('')
}

/** From a path as Authelia writes it, without list items. */
export const pointerOf = (path: string): Pointer => path.split('.').reduce(step, '')

/** Pointers given from outside count the items that are left; inside they count as written. */
export class Places {
  readonly #root: DraftMap
  readonly #shape: SectionShape
  readonly #spoiled = new Set<Pointer>()
  /** Of each list, which items were taken out, ascending. */
  readonly #dropped = new Map<Pointer, number[]>()

  /** @param root what the values were made from; it must not change any more */
  constructor(root: DraftMap, shape: SectionShape) {
    this.#root = root
    this.#shape = shape
  }

  /** What stood here was wrong and is taken out, so that nobody complains that it is missing. */
  spoil(pointer: Pointer): void {
    this.#spoiled.add(this.written(pointer))
  }

  /** Takes an item out of a list. @param index as written */
  drop(list: Pointer, index: number): void {
    this.#spoiled.add(step(list, index))
    this.#dropped.set(
      list,
      [...(this.#dropped.get(list) ?? []), index].sort((a, b) => a - b),
    )
  }

  /** Here, above or below. */
  isSpoiled(pointer: Pointer): boolean {
    if (this.#spoiled.size === 0) return false
    const here = this.written(pointer)
    if (this.#spoiled.has(here)) return true
    for (const other of this.#spoiled) {
      if (other.startsWith(`${here}/`) || here.startsWith(`${other}/`)) return true
    }
    return false
  }

  /** Of the value alone. */
  exact(pointer: Pointer): Position | undefined {
    const steps = stepsOf(this.written(pointer))
    return locate(this.#root, this.#shape, steps)[steps.length]?.value
  }

  /** Of the value, else of the nearest section that stands somewhere. */
  value(pointer: Pointer): Position | undefined {
    return this.#nearest(pointer)?.value
  }

  /** Of the key (or item), else of the nearest section's key. */
  key(pointer: Pointer): Position | undefined {
    const nearest = this.#nearest(pointer)
    return nearest?.key ?? nearest?.value
  }

  #nearest(pointer: Pointer): Location | undefined {
    return locate(this.#root, this.#shape, stepsOf(this.written(pointer))).at(-1)
  }

  /** With the numbers that items have in the file. */
  written(pointer: Pointer): Pointer {
    if (this.#dropped.size === 0) return pointer
    return stepsOf(pointer).reduce((here, key) => {
      let index = Number(key)
      for (const gone of this.#dropped.get(here) ?? []) if (gone <= index) index++
      return step(here, this.#dropped.has(here) ? index : key)
    }, '')
  }
}
