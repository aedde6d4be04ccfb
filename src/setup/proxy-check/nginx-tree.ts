// nginx's configuration language as a tree: directives with their arguments and blocks, includes put in place. Judges nothing.
import { Fault } from '../../base/fault.ts'
import type { Place } from './finding.ts'
import type { Source, Sources } from './source.ts'

export interface Directive extends Place {
  readonly name: string
  readonly args: readonly string[]
  readonly block: readonly Directive[] | undefined
  /** An include that could not be read. */
  readonly unread: boolean
}

/** How deep includes may include. */
const MAX_DEPTH = 20

/** Every given file that none of the others includes, as one list of directives. @throws Fault `proxy-file` for a file that isn't nginx's */
export function readNginx(sources: Sources): readonly Directive[] {
  const trees = sources.given.map((source) => ({ path: source.path, tree: parse(source, sources, 0) }))
  return trees.filter(({ path }) => !sources.included.has(path)).flatMap(({ tree }) => tree)
}

interface Token {
  readonly text: string
  readonly kind: 'word' | '{' | '}' | ';'
  readonly line: number
}

const TOKEN =
  /\s+|#[^\n]*|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'|[{};]|(?:\$\{[^}\n]*\}|\\[\s\S]|[^\s;{}"'])(?:\$\{[^}\n]*\}|\\[\s\S]|[^\s;{}])*/y

function tokens({ path, text }: Source): readonly Token[] {
  const found: Token[] = []
  let line = 1
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex
    const [token] = TOKEN.exec(text) ?? []
    if (token === undefined) throw notNginx(path, line, `${JSON.stringify(text.slice(at, at + 20))} was not expected`)
    if (!/^[\s#]/.test(token)) {
      const kind = token === '{' || token === '}' || token === ';' ? token : 'word'
      const quoted = /^["']/.test(token)
      found.push({ kind, line, text: quoted ? token.slice(1, -1).replace(/\\(["'\\])/g, '$1') : token })
    }
    line += token.split('\n').length - 1
  }
  return found
}

function parse(source: Source, sources: Sources, depth: number): readonly Directive[] {
  const list = tokens(source)
  let next = 0
  const file = source.path
  const block = (opened: number | undefined): readonly Directive[] => {
    const directives: Directive[] = []
    let words: Token[] = []
    for (;;) {
      const token = list[next++]
      if (token === undefined) {
        if (opened !== undefined) throw notNginx(file, opened, 'the block that begins here is not closed')
        if (words[0])
          throw notNginx(file, words[0].line, `${JSON.stringify(words[0].text)} has no semicolon at its end`)
        return directives
      }
      if (token.kind === 'word') {
        words.push(token)
        continue
      }
      if (token.kind === '}') {
        if (opened === undefined || words[0]) throw notNginx(file, token.line, 'this brace closes nothing')
        return directives
      }
      const [first, ...rest] = words
      words = []
      if (!first) {
        if (token.kind === ';') continue
        throw notNginx(file, token.line, 'this block has no name')
      }
      const args = rest.map(({ text }) => text)
      const place = { file, line: first.line, name: first.text, args }
      if (token.kind === '{') directives.push({ ...place, block: block(first.line), unread: false })
      else
        directives.push(
          ...(first.text === 'include' ? included(place) : [{ ...place, block: undefined, unread: false }]),
        )
    }
  }
  const included = (place: Place & { name: string; args: readonly string[] }): readonly Directive[] => {
    const name = place.args[0] ?? ''
    // Types of files: nothing that matters here.
    if (/(?:^|\/)(?:mime\.types|modules-enabled\/|fastcgi_params|uwsgi_params|scgi_params|fastcgi\.conf)/.test(name))
      return []
    const found = depth < MAX_DEPTH ? sources.find(name, file) : undefined
    if (found === undefined) return [{ ...place, block: undefined, unread: true }]
    return found.flatMap((source) => parse(source, sources, depth + 1))
  }
  return block(undefined)
}

function notNginx(file: string, line: number, why: string): Fault {
  return new Fault('proxy-file', `${file}:${line}: this is not nginx’s language: ${why}.`, {
    hint: '`nginx -t` says the same, if it is meant for nginx.',
  })
}

/** A directive with the blocks around it, the outermost first. */
export interface Located {
  readonly directive: Directive
  readonly around: readonly Directive[]
}

export function everyDirective(
  directives: readonly Directive[],
  around: readonly Directive[] = [],
): readonly Located[] {
  return directives.flatMap((directive) => [
    { directive, around },
    ...(directive.block ? everyDirective(directive.block, [...around, directive]) : []),
  ])
}
