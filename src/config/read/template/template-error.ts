// What is wrong with a template. Thrown within the engine and turned into a Problem where it is left; never escapes.

export class TemplateError extends Error {
  /** Where in the text; filled in by whoever knows, when thrown by a function. */
  offset: number | undefined
  readonly hint: string | undefined

  /** @param message without a full stop; must not quote values, they may be secrets */
  constructor(message: string, details: { offset?: number; hint?: string } = {}) {
    super(message)
    this.name = 'TemplateError'
    this.offset = details.offset
    this.hint = details.hint
  }
}
