// The filter `template`: text with {{actions}} in, text out, with a map from the lines of the output back to those of the source.

import { closestName } from '../../../yaml/closest-name.ts'
import { LineIndex } from '../../../yaml/line-index.ts'
import type { Problem } from '../../../yaml/problem.ts'
import { Budget, MAX_TEXT } from './budget.ts'
import type { TemplateFunction, World } from './call.ts'
import { evaluateTemplate, type Output } from './evaluate.ts'
import { CORE_FUNCTIONS } from './functions-core.ts'
import { DATA_FUNCTIONS } from './functions-data.ts'
import { FILE_FUNCTIONS } from './functions-files.ts'
import { TEXT_FUNCTIONS } from './functions-text.ts'
import { parseTemplate } from './parser.ts'
import { TemplateError } from './template-error.ts'
import type { Value } from './value.ts'

export const TEMPLATE_FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  [CORE_FUNCTIONS, TEXT_FUNCTIONS, DATA_FUNCTIONS, FILE_FUNCTIONS].flatMap((functions) => Object.entries(functions)),
)

export type Rendered =
  | { readonly kind: 'ok'; readonly text: string; readonly sourceLine: (line: number) => number }
  | { readonly kind: 'invalid'; readonly problems: readonly [Problem] }

/**
 * @param file as it shall stand in positions
 * @param data what the dot stands for; a configuration has nothing there
 */
export function renderTemplate(source: string, file: string, world: Omit<World, 'budget'>, data?: Value): Rendered {
  const lines = new LineIndex(source, file)
  const output = new TracedOutput((offset) => lines.position(offset).line)
  try {
    const parsed = parseTemplate(source, isFunction, hintForUnknown)
    evaluateTemplate(parsed, TEMPLATE_FUNCTIONS, { ...world, budget: new Budget() }, output, data)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const message = `In the template: ${error.message}.`
    const position = lines.position(error.offset ?? 0)
    const hint = error.hint
    return {
      kind: 'invalid',
      problems: [{ severity: 'error', code: 'template', message, ...(hint && { hint }), position }],
    }
  }
  return { kind: 'ok', text: output.text(), sourceLine: (line) => output.sourceLine(line) }
}

const isFunction = (name: string): boolean => TEMPLATE_FUNCTIONS.has(name) || name === 'and' || name === 'or'

function hintForUnknown(name: string): string {
  const closest = closestName(name, TEMPLATE_FUNCTIONS.keys())
  return closest ? `Did you mean ${closest}?` : 'The functions are those of Authelia; text needs quotes.'
}

class TracedOutput implements Output {
  readonly #parts: string[] = []
  readonly #lineOf: (offset: number) => number
  /** For each output line from its second on, the source line that it begins with. */
  readonly #sources: number[] = []
  #length = 0

  constructor(lineOf: (offset: number) => number) {
    this.#lineOf = lineOf
  }

  write(text: string, offset: number, verbatim: boolean): void {
    this.#length += text.length
    if (this.#length > MAX_TEXT) throw new TemplateError('the output is too long', { offset })
    this.#parts.push(text)
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      this.#sources.push(this.#lineOf(verbatim ? offset + at + 1 : offset))
    }
  }

  text(): string {
    return this.#parts.join('')
  }

  sourceLine(line: number): number {
    return line < 2 ? 1 : (this.#sources[line - 2] ?? this.#sources.at(-1) ?? 1)
  }
}
