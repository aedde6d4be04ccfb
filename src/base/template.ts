// A small template language for all that is in templates/: values, sections, parts and texts. Escapes as it is told, computes nothing.
//
//   {{name}}                 a value, escaped (a Verbatim value as it is)
//   {{#name}} … {{/name}}    once for each item of a list, once within an object, once when true or a non-empty text
//   {{^name}} … {{/name}}    when the list is empty, or the value is undefined, false or ''
//   {{>part}}                another file of the folder
//   {{t sign-in.title}}      a text of the catalogue, which may hold {{name}} itself
//   {{! comment }}
//
// A name that the template wasn't given is a bug and throws; undefined must be given as such.
/** Text that is put in as it is: made by our own code in the language of the template. */
export class Verbatim {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

export type Value = string | number | boolean | undefined | Verbatim | readonly Scope[] | Scope
export interface Scope {
  readonly [name: string]: Value
}

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'section'; readonly name: string; readonly inverted: boolean; readonly body: readonly Node[] }

export interface TemplateSources {
  /** Source of the template or part of this name. */
  part(name: string): string | undefined
  /** A text of the catalogue by its dotted key. */
  text(key: string): string | undefined
  /** Makes any text harmless in the language of the template. */
  escape(text: string): string
}

export interface Template {
  (scope: Scope): string
  /** Every name it asks for, items of lists included. */
  readonly names: ReadonlySet<string>
}

/** A tag other than a value on a line of its own takes the line with it. */
const LONE_TAG = /^[ \t]*(\{\{[#^/>!][^}]*\}\})[ \t]*\n/gm
const TAG = /\{\{\s*(#|\^|\/|>|!|t\s)?\s*([^}]*?)\s*\}\}/g

/** @throws Error, naming template and tag, when the source is wrong; all sources are ours, so that is a bug found at start */
export function compileTemplate(name: string, sources: TemplateSources): Template {
  const source = sources.part(name)
  if (source === undefined) throw new Error(`template ${name} doesn't exist`)
  const nodes = parse(name, source, sources, [name])
  const template = (scope: Scope): string => render(nodes, [scope], { name, escape: sources.escape })
  return Object.assign(template, { names: new Set(namesIn(nodes)) })
}

function* namesIn(nodes: readonly Node[]): Iterable<string> {
  for (const node of nodes) {
    if (node.kind !== 'text') yield node.name
    if (node.kind === 'section') yield* namesIn(node.body)
  }
}

function parse(name: string, text: string, sources: TemplateSources, path: readonly string[]): readonly Node[] {
  const root: Node[] = []
  const open: { name: string; inverted: boolean; body: Node[] }[] = []
  const add = (...nodes: readonly Node[]): void => void (open.at(-1)?.body ?? root).push(...nodes)
  const source = text.replace(LONE_TAG, '$1')
  let end = 0
  for (const tag of source.matchAll(TAG)) {
    const [whole, kind = '', word = ''] = tag
    if (tag.index > end) add({ kind: 'text', text: source.slice(end, tag.index) })
    end = tag.index + whole.length
    switch (kind.trim()) {
      case '!':
        break
      case '#':
      case '^':
        open.push({ name: word, inverted: kind === '^', body: [] })
        break
      case '/': {
        const section = open.pop()
        if (section?.name !== word) throw new Error(`template ${name}: {{/${word}}} closes nothing`)
        add({ kind: 'section', ...section })
        break
      }
      case '>': {
        const part = sources.part(word)
        if (part === undefined) throw new Error(`template ${name}: no part ${word}`)
        if (path.includes(word)) throw new Error(`template ${name}: part ${word} includes itself`)
        add(...parse(word, part, sources, [...path, word]))
        break
      }
      case 't': {
        const text = sources.text(word)
        if (text === undefined) throw new Error(`template ${name}: no text ${word}`)
        // A translator writes text, not HTML: everything but its {{name}} is escaped.
        add(...parse(word, text, NO_SOURCES, path).map((node) => escapedText(node, word, sources.escape)))
        break
      }
      default:
        if (!/^[\w.]+$/.test(word)) throw new Error(`template ${name}: ${whole} isn't a tag`)
        add({ kind: 'value', name: word })
    }
  }
  if (open.length > 0) throw new Error(`template ${name}: {{#${open.at(-1)?.name}}} isn't closed`)
  add({ kind: 'text', text: source.slice(end) })
  return root
}

const NO_SOURCES: TemplateSources = { part: () => undefined, text: () => undefined, escape: (text) => text }

interface Frame {
  readonly name: string
  readonly escape: TemplateSources['escape']
}

function escapedText(node: Node, key: string, harmless: Frame['escape']): Node {
  if (node.kind === 'section') throw new Error(`text ${key}: sections don't belong into texts`)
  return node.kind === 'text' ? { kind: 'text', text: harmless(node.text) } : node
}

function render(nodes: readonly Node[], scopes: readonly Scope[], template: Frame): string {
  let out = ''
  for (const node of nodes) {
    if (node.kind === 'text') {
      out += node.text
      continue
    }
    const value = lookUp(node.name, scopes, template)
    if (node.kind === 'value') out += show(value, node.name, template)
    else if (node.inverted) out += isEmpty(value) ? render(node.body, scopes, template) : ''
    else for (const item of itemsOf(value)) out += render(node.body, item ? [...scopes, item] : scopes, template)
  }
  return out
}

function lookUp(name: string, scopes: readonly Scope[], template: Frame): Value {
  for (let i = scopes.length - 1; i >= 0; i--) {
    const scope = scopes[i]
    if (scope && Object.hasOwn(scope, name)) return scope[name]
  }
  throw new Error(`template ${template.name}: ${name} wasn't given`)
}

function show(value: Value, name: string, template: Frame): string {
  if (value === undefined) return ''
  if (value instanceof Verbatim) return value.source
  if (typeof value === 'string' || typeof value === 'number') return template.escape(String(value))
  throw new Error(`template ${template.name}: ${name} can't be shown as text`)
}

const isEmpty = (value: Value): boolean =>
  value === undefined || value === false || value === '' || (Array.isArray(value) && value.length === 0)

/** undefined stands for "once, in the same scope". */
function itemsOf(value: Value): readonly (Scope | undefined)[] {
  if (isEmpty(value)) return []
  if (Array.isArray(value)) return value as readonly Scope[]
  if (typeof value === 'object' && !(value instanceof Verbatim)) return [value as Scope]
  return [undefined]
}
