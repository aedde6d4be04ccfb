// Patterns as most rules have them (literals, dots, simple classes and groups, repetition) are found valid by looking, which is a hundred times faster
// than compiling them. Says nothing about any other pattern.

/** Nobody writes longer ones by hand, and RE2 limits what it takes. */
const LONGEST = 300

const LITERAL = String.raw`[^\\()[\]{}*+?|.^$]`
/** Punctuation may be escaped whether it needs it or not; of the letters only the usual sets are taken here. */
const ESCAPE = String.raw`\\[dDwWsS.\-/_:~%&=@#,;!+*?()[\]{}|^$]`
const CLASS = String.raw`\[\^?(?:a-z|A-Z|0-9|a-f|A-F|\\[dws.\-/]|[\w./:@~%?&=+])+-?\]`
/** Counts of one digit: even three within each other stay below RE2's limit of 1000. */
const REPEAT = String.raw`(?:[*+?]\??|\{[1-9]\})?`

const sequenceOf = (atoms: string): string => `(?:(?:${atoms})${REPEAT}|[\\^$])*`
const eitherOf = (atoms: string): string => `${sequenceOf(atoms)}(?:\\|${sequenceOf(atoms)})*`
const groupOf = (atoms: string): string => `\\((?:\\?:|\\?P?<[A-Za-z_]\\w*>)?${eitherOf(atoms)}\\)`

const FLAT = `${LITERAL}|${ESCAPE}|\\.|${CLASS}`
const NESTED = `${FLAT}|${groupOf(FLAT)}`
const PLAIN = new RegExp(`^(?:\\(\\?i\\))?${eitherOf(`${FLAT}|${groupOf(NESTED)}`)}$`, 'u')

/** True only for patterns that RE2 takes. */
export const isPlainPattern = (pattern: string): boolean =>
  pattern.length <= LONGEST && PLAIN.test(pattern) && !hasNameTwice(pattern)

function hasNameTwice(pattern: string): boolean {
  if (!pattern.includes('<')) return false
  const names = [...pattern.matchAll(/\(\?P?<(\w+)>/g)].map(([, name]) => name)
  return new Set(names).size < names.length
}
