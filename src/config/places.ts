// Where each value of the configuration came from, by JSON pointer, and how its path is written for people.
import type { Position } from '../yaml/problem.ts'

export type Pointer = string

/** Appends one step (RFC 6901). */
export function step(pointer: Pointer, key: string | number): Pointer {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
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
  readonly #values = new Map<Pointer, Position>()
  readonly #keys = new Map<Pointer, Position>()
  readonly #spoiled = new Set<Pointer>()
  /** Of each list, which items were taken out, ascending. */
  readonly #dropped = new Map<Pointer, number[]>()

  /** @param value where the value stands, as written */
  set(pointer: Pointer, value: Position, key: Position | undefined): void {
    this.#values.set(pointer, value)
    if (key) this.#keys.set(pointer, key)
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
    return this.#values.get(this.written(pointer))
  }

  /** Of the value, else of the nearest section that stands somewhere. */
  value(pointer: Pointer): Position | undefined {
    return nearest(this.written(pointer), (here) => this.#values.get(here))
  }

  /** Of the key (or item), else of the nearest section's key. */
  key(pointer: Pointer): Position | undefined {
    return nearest(this.written(pointer), (here) => this.#keys.get(here) ?? this.#values.get(here))
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

function nearest(pointer: Pointer, find: (pointer: Pointer) => Position | undefined): Position | undefined {
  for (let here = pointer; ; here = here.slice(0, here.lastIndexOf('/'))) {
    const position = find(here)
    if (position || here === '') return position
  }
}
