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

export class Places {
  readonly #values = new Map<Pointer, Position>()
  readonly #keys = new Map<Pointer, Position>()
  /** What stood here was wrong and was taken out, so that nobody complains that it is missing. */
  readonly #spoiled = new Set<Pointer>()

  set(pointer: Pointer, value: Position, key: Position | undefined): void {
    this.#values.set(pointer, value)
    if (key) this.#keys.set(pointer, key)
  }
  spoil(pointer: Pointer): void {
    this.#spoiled.add(pointer)
  }
  /** Here, above or below. */
  isSpoiled(pointer: Pointer): boolean {
    if (this.#spoiled.size === 0) return false
    if (this.#spoiled.has(pointer)) return true
    for (const other of this.#spoiled) {
      if (other.startsWith(`${pointer}/`) || pointer.startsWith(`${other}/`)) return true
    }
    return false
  }
  /** Of the value, else of the nearest section that stands somewhere. */
  value(pointer: Pointer): Position | undefined {
    return nearest(pointer, (here) => this.#values.get(here))
  }
  /** Of the key (or item), else of the nearest section's key. */
  key(pointer: Pointer): Position | undefined {
    return nearest(pointer, (here) => this.#keys.get(here) ?? this.#values.get(here))
  }
}

function nearest(pointer: Pointer, find: (pointer: Pointer) => Position | undefined): Position | undefined {
  for (let here = pointer; ; here = here.slice(0, here.lastIndexOf('/'))) {
    const position = find(here)
    if (position || here === '') return position
  }
}
