// Equality of names where letter case doesn't count: Unicode simple case folding, as Go's EqualFold.

const ASCII = /^[\x00-\x7f]*$/

export function foldEqual(a: string, b: string): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  if (ASCII.test(a) && ASCII.test(b)) return a.toLowerCase() === b.toLowerCase()
  // V8's `iu` is simple folding; every code point is escaped, so nothing of `b` is read as syntax, and nothing can backtrack
  const escaped = Array.from(b, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`).join('')
  return new RegExp(`^${escaped}$`, 'iu').test(a)
}
