// A plain table for people: a header, columns as wide as they need, nothing drawn around. What comes from files can't move the cursor.
import { styleText } from 'node:util'

/** @param rows one cell for each column. Returns lines without a newline at the end. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable))
  const widths = columns.map((column, i) => Math.max(width(column), ...cells.map((row) => width(row[i] ?? ''))))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd()
  return [styleText('dim', line(columns), { stream: process.stdout }), ...cells.map(line)].join('\n')
}

/** Control characters as escapes, so that a name from a file can't write over what stands beside it. */
export const printable = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const width = (text: string): number => [...text].length
