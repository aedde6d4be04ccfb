// Rows of text under headings, as wide as they need to be; what came from outside can't steer the terminal.

export type Cell = string | number | undefined

/** Columns are two spaces apart, the last one isn't padded. Undefined is `-`. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map((cell) => visible(String(cell ?? '-'))))]
  const widths = headings.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, i) => (i === line.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A line a fact: what it is on the left, as wide as the widest, its value on the right. @param indent what each line begins with */
export function facts(rows: readonly (readonly [string, string])[], indent = '  '): string {
  const shown = rows.map(([label, value]) => [visible(label), visible(value)] as const)
  const width = Math.max(...shown.map(([label]) => label.length))
  return shown.map(([label, value]) => `${indent}${label.padEnd(width)}  ${value}`).join('\n')
}

/** Control characters as escapes: names and user agents are what somebody else wrote. */
export const visible = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** `2026-01-31 12:00:00` in UTC, as Authelia prints times. */
export const moment = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')

/** `1 session`, `2 sessions` */
export const count = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`
