// One value as YAML on one line: texts in quotes, lists in brackets. Every reader of YAML understands it the same way.

export type LineValue = null | string | boolean | number | readonly LineValue[] | Readonly<Record<string, never>>

export function oneLine(value: LineValue): string {
  if (typeof value === 'string') return textInQuotes(value)
  if (isList(value)) return `[${value.map(oneLine).join(', ')}]`
  return typeof value === 'object' && value !== null ? '{}' : String(value)
}

const isList = (value: LineValue): value is readonly LineValue[] => Array.isArray(value)

/** Single quotes, unless there is something in it that only double quotes can say. */
function textInQuotes(text: string): string {
  // JSON's escapes are YAML's too (YAML 1.2 section 1.3), and the two line separators of Unicode are escaped like control characters.
  const special = /[\p{Cc}\u2028\u2029\ufeff]/u
  if (!special.test(text)) return `'${text.replaceAll("'", "''")}'`
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
