// Offsets in a text to lines and columns. A line ends at LF, CRLF or a lone CR.
import type { Position } from './problem.ts'

export class LineIndex {
  readonly #starts: number[] = [0]
  #last = 0
  readonly #file: string
  readonly #sourceLine: ((line: number) => number) | undefined
  readonly #shifted: ReadonlyMap<number, number> | undefined

  /** @param shifted how many columns a line was moved to the right before the text was handed over */
  constructor(
    text: string,
    file: string,
    sourceLine?: (line: number) => number,
    shifted?: ReadonlyMap<number, number>,
  ) {
    this.#file = file
    this.#shifted = shifted
    this.#sourceLine = sourceLine
    // By hand: most of the time a configuration takes to read is spent on its characters.
    const returns = text.includes('\r')
    if (returns) for (const match of text.matchAll(/\r\n?|\n/g)) this.#starts.push(match.index + match[0].length)
    else for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1)
  }

  /** Columns count UTF-16 units. */
  position(offset: number): Position {
    const low = this.#lineOf(offset)
    const line = low + 1
    const column = offset - (this.#starts[low] ?? 0) - (this.#shifted?.get(line) ?? 0) + 1
    return { file: this.#file, line: this.#sourceLine?.(line) ?? line, column: Math.max(1, column) }
  }

  /** From 0. Questions come in the order of the text, nearly always: the line of the last one, or the next, is tried first. */
  #lineOf(offset: number): number {
    for (const near of [this.#last, this.#last + 1]) {
      if ((this.#starts[near] ?? Number.POSITIVE_INFINITY) > offset) break
      if ((this.#starts[near + 1] ?? Number.POSITIVE_INFINITY) > offset) {
        this.#last = near
        return near
      }
    }
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    this.#last = low
    return low
  }
}
