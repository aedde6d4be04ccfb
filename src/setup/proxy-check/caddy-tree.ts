// A Caddyfile as a tree: directives with their words and blocks, snippets and imports put in place. Judges nothing.
import { Fault } from '../../base/fault.ts'
import type { Place } from './finding.ts'
import type { Source, Sources } from './source.ts'

export interface CaddyDirective extends Place {
  readonly name: string
  readonly args: readonly string[]
  readonly block: readonly CaddyDirective[] | undefined
  /** An import that could not be read. */
  readonly unread: boolean
}

const MAX_DEPTH = 20

/** Every given file that none of the others imports. @throws Fault `proxy-file` for a file that is no Caddyfile */
export function readCaddy(sources: Sources): readonly CaddyDirective[] {
  const raw = sources.given.map((source) => ({ path: source.path, tree: parse(source) }))
  const snippets = new Map(raw.flatMap(({ tree }) => snippetsOf(tree)))
  const expanded = raw.map(({ path, tree }) => ({ path, tree: expand(tree, snippets, sources, 0) }))
  return expanded
    .filter(({ path }) => !sources.included.has(path))
    .flatMap(({ tree }) => tree)
    .filter(({ name }) => !isSnippet(name))
}

const isSnippet = (name: string): boolean => /^\(.*\)$/.test(name)
const snippetsOf = (tree: readonly CaddyDirective[]): readonly (readonly [string, readonly CaddyDirective[]])[] =>
  tree.filter(({ name }) => isSnippet(name)).map(({ name, block }) => [name.slice(1, -1), block ?? []] as const)

function expand(
  tree: readonly CaddyDirective[],
  snippets: Map<string, readonly CaddyDirective[]>,
  sources: Sources,
  depth: number,
): readonly CaddyDirective[] {
  return tree.flatMap((directive): readonly CaddyDirective[] => {
    if (directive.name !== 'import') {
      return [directive.block ? { ...directive, block: expand(directive.block, snippets, sources, depth) } : directive]
    }
    const name = directive.args[0] ?? ''
    const snippet = snippets.get(name)
    if (depth >= MAX_DEPTH) return [{ ...directive, unread: true }]
    if (snippet) return expand(snippet, snippets, sources, depth + 1)
    const found = sources.find(name, directive.file)
    if (found === undefined) return [{ ...directive, unread: true }]
    return found.flatMap((source) => {
      const tree = parse(source)
      for (const [key, block] of snippetsOf(tree)) snippets.set(key, block)
      return expand(tree, snippets, sources, depth + 1)
    })
  })
}

interface Line {
  readonly number: number
  readonly words: readonly string[]
}

function parse({ path, text }: Source): readonly CaddyDirective[] {
  if (/^\s*\{\s*"/.test(text))
    throw new Fault('proxy-file', `${path} is Caddy's JSON, which is not checked: nothing is known about it.`, {
      hint: 'Only Caddyfiles are checked. Check the one that it was made from, if there is one.',
    })
  const lines = linesOf(text)
  let next = 0
  const block = (opened: number | undefined): readonly CaddyDirective[] => {
    const found: CaddyDirective[] = []
    for (;;) {
      const line = lines[next++]
      if (line === undefined) {
        if (opened !== undefined) throw notCaddy(path, opened, 'the block that begins here is not closed')
        return found
      }
      if (line.words[0] === '}') {
        if (opened === undefined) throw notCaddy(path, line.number, 'this brace closes nothing')
        return found
      }
      const opens = line.words.at(-1) === '{'
      const [name = '', ...args] = opens ? line.words.slice(0, -1) : line.words
      found.push({
        file: path,
        line: line.number,
        name,
        args,
        unread: false,
        block: opens ? block(line.number) : undefined,
      })
    }
  }
  return block(undefined)
}

/** Lines as their words; names of sites that end with a comma go on in the next. */
function linesOf(text: string): readonly Line[] {
  const lines: { number: number; words: string[] }[] = []
  let number = 1
  let open: { number: number; words: string[] } | undefined
  const TOKEN = /\n|[^\S\n]+|#[^\n]*|\\\n|`[^`]*`|"(?:\\[\s\S]|[^"\\])*"|[^\s]+/gy
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '\n') {
      if (open && !open.words.at(-1)?.endsWith(',')) open = undefined
    } else if (!/^(?:\s|#|\\\n)/.test(token)) {
      if (!open) {
        open = { number, words: [] }
        lines.push(open)
      }
      open.words.push(/^["`]/.test(token) ? token.slice(1, -1) : token)
    }
    number += token.split('\n').length - 1
  }
  return lines
}

function notCaddy(file: string, line: number, why: string): Fault {
  return new Fault('proxy-file', `${file}:${line}: this is no Caddyfile: ${why}.`, {
    hint: '`caddy validate` says the same, if it is meant for Caddy. Its JSON form is not checked.',
  })
}

/** A directive and everything in its blocks, in the order in which it is written. */
export function within(directive: CaddyDirective): readonly CaddyDirective[] {
  return [directive, ...(directive.block ?? []).flatMap(within)]
}
