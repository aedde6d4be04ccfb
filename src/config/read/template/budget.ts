// Limits that keep a template from running or growing without end. One budget serves one file.
import { TemplateError } from './template-error.ts'

/** No configuration comes near these. */
export const MAX_TEXT = 16 * 1024 * 1024
const MAX_STEPS = 2_000_000
export const MAX_DEPTH = 200

export class Budget {
  #steps = 0

  /** Counts one evaluated action, list item or printed value. @throws TemplateError */
  step(count = 1): void {
    this.#steps += count
    if (this.#steps > MAX_STEPS) throw new TemplateError('the template takes too many steps; does it loop without end?')
  }

  /** @throws TemplateError when a text of this length would be too long */
  text(length: number): void {
    if (length > MAX_TEXT) throw new TemplateError('the template makes a text that is too long')
    this.step(Math.ceil(length / 1024))
  }

  /** @throws TemplateError for values or templates nested too deeply, or within themselves */
  depth(depth: number): void {
    if (depth > MAX_DEPTH) throw new TemplateError('the nesting is too deep, or a value contains itself')
  }
}
