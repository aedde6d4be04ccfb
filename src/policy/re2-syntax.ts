// Reads the RE2 syntax into a small tree, so that questions about a pattern are asked of what it means and not of its text.
// It matches nothing itself: re2js does. What it doesn't understand it declines, and whoever asked must assume the worst.

export type Syntax =
  /** Case-sensitive literal text. */
  | { readonly kind: 'text'; readonly text: string }
  /** A literal under `(?i)`. */
  | { readonly kind: 'folded-text'; readonly text: string }
  /** One character of a set; `lists` tells the characters that the author wrote down (negated and named sets list none). */
  | { readonly kind: 'class'; readonly lists: (codePoint: number) => boolean; readonly namesSet: boolean }
  | { readonly kind: 'any'; readonly newline: boolean }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  /** Word boundaries, and line anchors under `(?m)`. */
  | { readonly kind: 'assertion' }
  | { readonly kind: 'group'; readonly name: string | undefined; readonly body: Syntax }
  | { readonly kind: 'repeat'; readonly min: number; readonly max: number; readonly body: Syntax }
  | { readonly kind: 'sequence'; readonly parts: readonly Syntax[] }
  | { readonly kind: 'either'; readonly branches: readonly Syntax[] }

/** The tree of an RE2 pattern, or undefined where it is invalid or outside of what is understood here. */
export function parseRe2(pattern: string): Syntax | undefined {
  try {
    const reader = new Reader(pattern)
    const tree = reader.either(0)
    return reader.done ? tree : undefined
  } catch (error) {
    if (error instanceof Declined) return undefined
    throw error
  }
}

/** Whether any node of the tree passes the test. */
export function anyNode(tree: Syntax, test: (node: Syntax) => boolean): boolean {
  if (test(tree)) return true
  switch (tree.kind) {
    case 'group':
    case 'repeat':
      return anyNode(tree.body, test)
    case 'sequence':
      return tree.parts.some((part) => anyNode(part, test))
    case 'either':
      return tree.branches.some((branch) => anyNode(branch, test))
    default:
      return false
  }
}

/** Whether the author of the pattern wrote the character: as a literal, or in a class that lists it. */
export function mentions(tree: Syntax, character: string): boolean {
  const codePoint = character.codePointAt(0) ?? -1
  return anyNode(
    tree,
    (node) =>
      ((node.kind === 'text' || node.kind === 'folded-text') && node.text.includes(character)) ||
      (node.kind === 'class' && node.lists(codePoint)),
  )
}

/** Whether a group of this name is in the pattern. */
export function hasGroup(tree: Syntax, name: string): boolean {
  return anyNode(tree, (node) => node.kind === 'group' && node.name === name)
}

/** False where only the compiler knows: which named sets there are, and how much counted repetition is too much. */
export function isSurelyValid(tree: Syntax): boolean {
  return !anyNode(
    tree,
    (node) =>
      (node.kind === 'class' && node.namesSet) ||
      (node.kind === 'repeat' && Math.max(node.min, node.max === Number.POSITIVE_INFINITY ? 0 : node.max) > 1),
  )
}

/** Literal text that every match ends with at the end of the input; '' when there is none to be had cheaply. */
export function requiredSuffix(tree: Syntax): string {
  const parts = tree.kind === 'sequence' ? tree.parts : [tree]
  if (parts.at(-1)?.kind !== 'end') return ''
  let suffix = ''
  for (let i = parts.length - 2; i >= 0; i--) {
    const part = parts[i]
    if (part?.kind !== 'text') break
    suffix = part.text + suffix
  }
  return suffix
}

/** Literal text that every match begins with at the beginning of the input; '' when there is none to be had cheaply. */
export function requiredPrefix(tree: Syntax): string {
  const [first, second] = tree.kind === 'sequence' ? tree.parts : [tree]
  return first?.kind === 'begin' && second?.kind === 'text' ? second.text : ''
}

class Declined extends Error {}

interface Flags {
  readonly fold: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  f: '\f',
  t: '\t',
  n: '\n',
  r: '\r',
  v: '\v',
}
/** RE2's limit on counted repetition. */
const MAX_REPEAT = 1000
const MAX_DEPTH = 100

class Reader {
  readonly #input: readonly string[]
  readonly #names = new Set<string>()
  #at = 0
  #flags: Flags = { fold: false, multiline: false, dotAll: false }

  constructor(pattern: string) {
    this.#input = [...pattern]
  }

  get done(): boolean {
    return this.#at >= this.#input.length
  }

  either(depth: number): Syntax {
    if (depth > MAX_DEPTH) throw new Declined()
    const branches: Syntax[] = [this.#sequence(depth)]
    while (this.#skip('|')) branches.push(this.#sequence(depth))
    return branches.length === 1 && branches[0] ? branches[0] : { kind: 'either', branches }
  }

  #sequence(depth: number): Syntax {
    const parts: Syntax[] = []
    while (!this.done && this.#peek() !== '|' && this.#peek() !== ')') {
      const part = this.#repeated(depth)
      if (part === undefined) continue
      const last = parts.at(-1)
      if (part.kind === 'sequence') parts.push(...part.parts)
      else if (part.kind === 'text' && last?.kind === 'text')
        parts[parts.length - 1] = { kind: 'text', text: last.text + part.text }
      else parts.push(part)
    }
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'sequence', parts }
  }

  /** undefined where nothing matches, as in `(?i)` or `\Q\E`. */
  #repeated(depth: number): Syntax | undefined {
    this.#refuseRepetition()
    const quoted = this.#quoted()
    if (quoted !== undefined) return this.#repeatLast(quoted)
    const atom = this.#atom(depth)
    return atom === undefined ? this.#refuseRepetition() : this.#repetition(atom)
  }

  /** An operator after `\Q…\E` concerns its last character only. */
  #repeatLast(quoted: readonly string[]): Syntax | undefined {
    const last = quoted.at(-1)
    if (last === undefined) return this.#refuseRepetition()
    const head = quoted.slice(0, -1).map((c) => this.#literal(c))
    return { kind: 'sequence', parts: [...head, this.#repetition(this.#literal(last))] }
  }

  /** An operator with nothing before it. */
  #refuseRepetition(): undefined {
    if (this.#counts() !== undefined) throw new Declined()
    return undefined
  }

  #repetition(body: Syntax): Syntax {
    const counts = this.#counts()
    if (counts === undefined) return body
    if (body.kind === 'begin' || body.kind === 'end' || body.kind === 'assertion') throw new Declined()
    this.#skip('?')
    // `a**` and `a+{2}` are errors in RE2
    if (this.#counts() !== undefined) throw new Declined()
    return { kind: 'repeat', ...counts, body }
  }

  #counts(): { min: number; max: number } | undefined {
    if (this.#skip('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.#skip('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.#skip('?')) return { min: 0, max: 1 }
    if (this.#peek() !== '{') return undefined
    const [whole, from, comma, to] = /^\{(\d{1,5})(,?)(\d{0,5})\}/.exec(this.#rest(14)) ?? []
    if (whole === undefined || (comma === '' && to !== '')) return undefined
    const min = Number(from)
    const max = comma === '' ? min : to === '' ? Number.POSITIVE_INFINITY : Number(to)
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Number.POSITIVE_INFINITY) || max < min) throw new Declined()
    this.#at += whole.length
    return { min, max }
  }

  #atom(depth: number): Syntax | undefined {
    const c = this.#take()
    switch (c) {
      case '(':
        return this.#group(depth)
      case '[':
        return this.#class()
      case '.':
        return { kind: 'any', newline: this.#flags.dotAll }
      case '^':
        return this.#flags.multiline ? { kind: 'assertion' } : { kind: 'begin' }
      case '$':
        return this.#flags.multiline ? { kind: 'assertion' } : { kind: 'end' }
      case '\\':
        return this.#escape()
      default:
        return this.#literal(c)
    }
  }

  #literal(text: string): Syntax {
    return this.#flags.fold && text.toLowerCase() !== text.toUpperCase()
      ? { kind: 'folded-text', text }
      : { kind: 'text', text }
  }

  #group(depth: number): Syntax | undefined {
    const outer = this.#flags
    let name: string | undefined
    if (this.#skip('?')) {
      const named = /^P?<([A-Za-z0-9_]+)>/.exec(this.#rest(200))
      if (named) {
        name = named[1] ?? ''
        if (this.#names.has(name)) throw new Declined()
        this.#names.add(name)
        this.#at += named[0].length
      } else if (this.#groupFlags() === 'rest') return undefined
    }
    const body = this.either(depth + 1)
    if (!this.#skip(')')) throw new Declined()
    this.#flags = outer
    return { kind: 'group', name, body }
  }

  /** `(?i)` sets flags for the rest of the enclosing group, `(?i:` for its own. */
  #groupFlags(): 'rest' | 'own' {
    let value = true
    let changed = false
    for (;;) {
      const c = this.#take()
      if (c === 'i') this.#flags = { ...this.#flags, fold: value }
      else if (c === 'm') this.#flags = { ...this.#flags, multiline: value }
      else if (c === 's') this.#flags = { ...this.#flags, dotAll: value }
      else if (c === '-' && value) {
        value = false
        changed = false
        continue
      } else if (c === ':' || c === ')') {
        if (!value && !changed) throw new Declined()
        if (c === ')' && !changed) throw new Declined()
        return c === ')' ? 'rest' : 'own'
      } else if (c !== 'U') throw new Declined()
      changed = true
    }
  }

  #quoted(): readonly string[] | undefined {
    if (this.#peek() !== '\\' || this.#input[this.#at + 1] !== 'Q') return undefined
    this.#at += 2
    const text: string[] = []
    while (!this.done) {
      if (this.#peek() === '\\' && this.#input[this.#at + 1] === 'E') {
        this.#at += 2
        return text
      }
      text.push(this.#take())
    }
    return text
  }

  #escape(): Syntax {
    const c = this.#peek()
    if (c === 'A' || c === 'z' || c === 'b' || c === 'B') {
      this.#at++
      return c === 'A' ? { kind: 'begin' } : c === 'z' ? { kind: 'end' } : { kind: 'assertion' }
    }
    const set = this.#namedSet()
    if (set !== undefined) return { kind: 'class', lists: () => false, namesSet: /^p/i.test(set) }
    return this.#literal(String.fromCodePoint(this.#escapedCodePoint()))
  }

  /** `\d \w \s \pL \p{Greek}` and their negations. */
  #namedSet(): string | undefined {
    const [found] = /^(?:[dDsSwW]|[pP](?:\{\^?[A-Za-z_]+\}|[A-Z]))/.exec(this.#rest(60)) ?? []
    this.#at += found?.length ?? 0
    return found
  }

  #escapedCodePoint(): number {
    const [hex, digits, pair] = /^x(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/.exec(this.#rest(10)) ?? []
    if (hex !== undefined) {
      this.#at += hex.length
      const value = Number.parseInt(digits ?? pair ?? '', 16)
      if (value > 0x10ffff) throw new Declined()
      return value
    }
    // \0 to \0377, and \12 with at least two digits; a single other digit would be a back-reference, which RE2 doesn't have
    const [octal] = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(this.#rest(4)) ?? []
    if (octal !== undefined) {
      this.#at += octal.length
      return Number.parseInt(octal, 8)
    }
    const c = this.#take()
    const simple = SIMPLE_ESCAPES[c]
    if (simple !== undefined) return simple.codePointAt(0) ?? 0
    if (c > '\x7f' || /[A-Za-z0-9]/.test(c)) throw new Declined()
    return c.codePointAt(0) ?? 0
  }

  #class(): Syntax {
    const negated = this.#skip('^')
    const ranges: [number, number][] = []
    let namesSet = false
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      const [posix] = /^\[:\^?[a-z]+:\]/.exec(this.#rest(16)) ?? []
      if (posix !== undefined) {
        this.#at += posix.length
        namesSet = true
        continue
      }
      if (this.#peek() === '\\') {
        this.#at++
        const set = this.#namedSet()
        namesSet ||= set !== undefined && /^p/i.test(set)
        if (set !== undefined) continue
        this.#at--
      }
      const low = this.#classMember()
      let high = low
      if (this.#peek() === '-' && this.#input[this.#at + 1] !== ']') {
        this.#at++
        high = this.#classMember()
      }
      if (high < low) throw new Declined()
      ranges.push([low, high])
    }
    this.#at++
    const lists = negated ? () => false : (c: number) => ranges.some(([low, high]) => c >= low && c <= high)
    return { kind: 'class', lists, namesSet }
  }

  #classMember(): number {
    return this.#skip('\\') ? this.#escapedCodePoint() : (this.#take().codePointAt(0) ?? 0)
  }

  #peek(): string | undefined {
    return this.#input[this.#at]
  }

  #take(): string {
    const c = this.#input[this.#at]
    if (c === undefined) throw new Declined()
    this.#at++
    return c
  }

  #skip(c: string): boolean {
    if (this.#peek() !== c) return false
    this.#at++
    return true
  }

  #rest(length: number): string {
    return this.#input.slice(this.#at, this.#at + length).join('')
  }
}
