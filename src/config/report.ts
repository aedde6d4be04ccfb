// Collects problems with a configuration, each at the place of the key it is about.
import type { Problem } from '../yaml/problem.ts'
import { type Places, type Pointer, pathOf } from './places.ts'

export class Report {
  readonly problems: Problem[] = []
  readonly #places: Places

  constructor(places: Places) {
    this.#places = places
  }

  /** @param message continues the path: `must be …`, `is required …` */
  error(code: string, at: Pointer, message: string, hint?: string): void {
    this.#add('error', code, at, message, hint)
  }

  warning(code: string, at: Pointer, message: string, hint?: string): void {
    this.#add('warning', code, at, message, hint)
  }

  /** Something is missing; says nothing where what stood there was wrong already. */
  missing(at: Pointer, message = 'is required', hint?: string): void {
    if (!this.#places.isSpoiled(at)) this.#add('error', 'missing-key', at, message, hint)
  }

  isSpoiled(at: Pointer): boolean {
    return this.#places.isSpoiled(at)
  }

  #add(severity: Problem['severity'], code: string, at: Pointer, message: string, hint: string | undefined): void {
    const path = pathOf(this.#places.written(at))
    const useKey = code === 'missing-key' || code === 'unknown-key' || code === 'not-built-yet'
    const position = useKey ? this.#places.key(at) : this.#places.value(at)
    this.problems.push({
      severity,
      code,
      message: path === '' ? message : `${path} ${message}`,
      path,
      ...(hint === undefined ? {} : { hint }),
      ...(position ? { position } : {}),
    })
  }
}
