// A table of users as CSV (RFC 4180; comma, semicolon or tab): rows to fields of the users file. Knows nothing of the file they go into.
import type { Problem } from '../yaml/problem.ts'
import type { YamlValue } from '../yaml/write.ts'
import { TEXT_FIELDS } from './user-fields.ts'

export interface CsvUser {
  readonly username: string
  readonly fields: ReadonlyMap<string, YamlValue>
}
export type CsvUsers =
  | { readonly kind: 'ok'; readonly users: readonly CsvUser[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

/** What columns are called elsewhere. */
const COLUMNS: Readonly<Record<string, string>> = {
  user: 'username',
  name: 'username',
  login: 'username',
  display_name: 'displayname',
  'display name': 'displayname',
  full_name: 'displayname',
  mail: 'email',
  'e-mail': 'email',
  group: 'groups',
  hash: 'password',
  password_hash: 'password',
}

/**
 * The first row names the columns; `groups` are separated by blanks, `;` or `|` within a cell.
 * @param file the path as it shall stand in positions
 */
export function readUsersCsv(text: string, file: string): CsvUsers {
  const { rows, unread } = cells(text.replace(/^\ufeff/, ''))
  const [head, ...body] = rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  const problems: Problem[] = []
  const fail = (line: number, message: string, hint?: string): void => {
    const position = { file, line, column: 1 }
    problems.push({ severity: 'error', code: 'users-csv', message, ...(hint && { hint }), position })
  }
  if (unread !== undefined) fail(unread, 'A quotation mark stands where none can.', 'Write it twice within quotes.')
  const columns = (head?.cells ?? []).map((cell) => {
    const name = cell.trim().toLowerCase()
    return COLUMNS[name] ?? name
  })
  const known = ['username', 'groups', 'disabled', ...TEXT_FIELDS]
  for (const column of columns.filter((name) => !known.includes(name))) {
    fail(head?.line ?? 1, `There is no field ${JSON.stringify(column)}.`, `Columns are named ${known.join(', ')}.`)
  }
  if (!columns.includes('username')) fail(1, 'There is no column username.', 'The first line has to name the columns.')
  if (problems.length > 0) return { kind: 'invalid', problems }
  const seen = new Set<string>()
  const users = body.flatMap(({ line, cells }): CsvUser[] => {
    if (cells.length > columns.length) {
      fail(line, `There are ${cells.length} cells, but ${columns.length} columns.`, 'A cell with commas needs quotes.')
      return []
    }
    const value = (name: string): string => cells[columns.indexOf(name)]?.trim() ?? ''
    const username = value('username')
    if (username === '') fail(line, 'The user has no name.')
    else if (seen.has(username)) fail(line, `The user ${JSON.stringify(username)} is there twice.`)
    seen.add(username)
    const fields = new Map<string, YamlValue>()
    for (const name of columns.filter((column) => column !== 'username' && value(column) !== '')) {
      const dot = name.indexOf('.')
      if (name === 'groups')
        fields.set(
          name,
          value(name)
            .split(/[\s;|]+/)
            .filter((group) => group !== ''),
        )
      else if (name === 'disabled') {
        if (!/^(?:true|false|yes|no|1|0)$/i.test(value(name))) fail(line, 'disabled must be true or false.')
        fields.set(name, /^(?:true|yes|1)$/i.test(value(name)))
      } else if (dot < 0) fields.set(name, value(name))
      else {
        const outer = fields.get(name.slice(0, dot))
        const inner = outer instanceof Map ? (outer as Map<string, YamlValue>) : new Map<string, YamlValue>()
        fields.set(name.slice(0, dot), inner.set(name.slice(dot + 1), value(name)))
      }
    }
    return [{ username, fields }]
  })
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'ok', users }
}

interface Row {
  readonly line: number
  readonly cells: readonly string[]
}

/** `unread`: the line in which reading ended before the text did. */
function cells(text: string): { readonly rows: readonly Row[]; readonly unread: number | undefined } {
  const firstLine = /^[^\r\n]*/.exec(text)?.[0] ?? ''
  const count = (char: string): number => firstLine.split(char).length
  const separator = [',', ';', '\t'].reduce((best, char) => (count(char) > count(best) ? char : best))
  const rows: { line: number; cells: string[] }[] = []
  let row: { line: number; cells: string[] } | undefined
  let line = 1
  let read = 0
  // A cell in quotes, or up to the next separator or line end; then what ended it.
  const pattern = new RegExp(`(?:"((?:[^"]|"")*)"|((?!")[^${separator}\\r\\n]*))(${separator}|\\r\\n?|\\n|$)`, 'gy')
  for (const match of text.matchAll(pattern)) {
    if (match[0] === '' && row === undefined) break
    if (!row) {
      row = { line, cells: [] }
      rows.push(row)
    }
    row.cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    line += match[0].split(/\r\n?|\n/).length - 1
    read = match.index + match[0].length
    if (match[3] === '') break
    if (match[3] !== separator) row = undefined
  }
  return { rows, unread: read < text.length ? line : undefined }
}
