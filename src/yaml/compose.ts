// From js-yaml's events to our tree: anchors, aliases, merge keys, tags, duplicate keys. Collects what is wrong with the tree; syntax was judged before.
import {
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml'
import type { LineIndex } from './line-index.ts'
import type { Entry, ListNode, MapNode, Node, ScalarNode, ScalarValue } from './node.ts'
import type { Position, Problem } from './problem.ts'
import { plainValue } from './scalar-value.ts'

const CORE = 'tag:yaml.org,2002:'
interface Anchored {
  /** undefined while it is still being read: an alias to it would contain itself. */
  node: Node | undefined
  size: number
}
type Content = ScalarEvent | MappingEvent | SequenceEvent

export class Composer {
  readonly problems: Problem[] = []
  readonly #text: string
  readonly #events: readonly Event[]
  readonly #lines: LineIndex
  readonly #anchors = new Map<string, Anchored>()
  readonly #tagHandles = new Map<string, string>([
    ['!', '!'],
    ['!!', CORE],
  ])
  #next = 0
  /** Where the last event ended; stands in for nodes that have no text of their own. */
  #offset = 0
  /** Nodes with every alias written out, and those of them that came from aliases. */
  #expanded = 0
  #fromAliases = 0
  #excessive = false

  constructor(text: string, events: readonly Event[], lines: LineIndex) {
    this.#text = text
    this.#events = events
    this.#lines = lines
  }

  /** Call once. The tree is of use only while `problems` is empty. */
  compose(): Node {
    const document = this.#events[this.#next++]
    if (document?.type !== EVENT_ID.DOCUMENT) return this.#empty()
    for (const directive of document.directives) {
      if (directive.kind === 'tag') this.#tagHandles.set(directive.handle, directive.prefix)
    }
    return this.#node()
  }

  #empty(): ScalarNode {
    return {
      kind: 'scalar',
      type: 'null',
      value: null,
      text: '',
      plain: true,
      position: this.#lines.position(this.#offset),
    }
  }

  #node(): Node {
    const event = this.#events[this.#next++]
    switch (event?.type) {
      case EVENT_ID.ALIAS:
        return this.#alias(event.anchorStart, event.anchorEnd)
      case EVENT_ID.SCALAR:
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        return this.#content(event)
      default:
        throw new Error('js-yaml sent an event out of place')
    }
  }

  #content(event: Content): Node {
    const before = this.#expanded++
    const anchored: Anchored = { node: undefined, size: 0 }
    if (event.anchorStart >= 0) this.#anchors.set(this.#text.slice(event.anchorStart, event.anchorEnd), anchored)
    const node =
      event.type === EVENT_ID.SCALAR
        ? this.#scalar(event)
        : event.type === EVENT_ID.MAPPING
          ? this.#map(event)
          : this.#list(event)
    anchored.node = node
    anchored.size = this.#expanded - before
    return node
  }

  #alias(start: number, end: number): Node {
    this.#offset = end
    const name = this.#text.slice(start, end)
    const anchored = this.#anchors.get(name)
    if (!anchored) {
      this.#problem(start - 1, 'unknown-alias', 'There is no anchor of this name above.', STAR)
      return this.#empty()
    }
    if (!anchored.node) {
      this.#problem(start - 1, 'recursive-alias', 'This alias stands within what it refers to.', STAR)
      return this.#empty()
    }
    this.#expanded += anchored.size
    this.#fromAliases += anchored.size
    if (this.#fromAliases > 1000 && this.#fromAliases / this.#expanded > allowedAliasShare(this.#expanded)) {
      if (!this.#excessive) this.#problem(start - 1, 'excessive-aliases', 'Aliases multiply this file too much.')
      this.#excessive = true
      return this.#empty()
    }
    return anchored.node
  }

  #scalar(event: ScalarEvent): ScalarNode {
    const text = getScalarValue(this.#text, event)
    const plain = event.style === SCALAR_STYLE.PLAIN
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
    let start = event.valueStart < 0 ? this.#offset : quoted ? event.valueStart - 1 : event.valueStart
    if (!plain && !quoted) {
      const header = this.#text.slice(this.#offset, event.valueStart).search(/[|>]/)
      if (header >= 0) start = this.#offset + header
    }
    const position = this.#lines.position(start)
    this.#offset = Math.max(this.#offset, event.valueEnd, event.tagEnd, event.anchorEnd)
    if (!text.isWellFormed()) this.#problem(start, 'invalid-yaml', 'An escape in this text is no character.')
    const value = this.#value(this.#tag(event), text, plain, start)
    return { kind: 'scalar', text: value.type === 'string' ? value.value : text, plain, position, ...value }
  }

  #value(tag: string, text: string, plain: boolean, offset: number): ScalarValue {
    const string: ScalarValue = { type: 'string', value: text }
    if (tag === '' || tag === '!') return plain ? plainValue(text) : string
    const name = tag.startsWith(CORE) ? tag.slice(CORE.length) : ''
    if (name === 'binary') {
      const compact = text.replace(/\s/g, '')
      if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
        return { type: 'string', value: Buffer.from(compact, 'base64').toString('utf8') }
      }
      this.#problem(offset, 'invalid-yaml', 'A !!binary value must be base64.')
      return string
    }
    const wanted = WANTED_TYPES.get(name)
    if (!wanted) return string
    const value = plainValue(text)
    if (value.type === wanted) return value
    if (wanted === 'float' && value.type === 'integer') return { type: 'float', value: value.value }
    this.#problem(
      offset,
      'invalid-yaml',
      `The value does not fit its tag !!${name}.`,
      'Remove the tag or correct the value.',
    )
    return string
  }

  /** The full tag, '' when there is none. */
  #tag(event: Content): string {
    if (event.tagStart < 0) return ''
    const raw = this.#text.slice(event.tagStart, event.tagEnd)
    if (raw.startsWith('!<')) return raw.slice(2, -1)
    const handle = /^!(?:[0-9A-Za-z-]*!)?/.exec(raw)?.[0] ?? '!'
    return (this.#tagHandles.get(handle) ?? handle) + raw.slice(handle.length)
  }

  #list(event: SequenceEvent): ListNode {
    this.#offset = event.start
    const items: Node[] = []
    while (this.#events[this.#next]?.type !== EVENT_ID.POP) items.push(this.#node())
    this.#next++
    return { kind: 'list', items, position: this.#lines.position(event.start) }
  }

  #map(event: MappingEvent): MapNode {
    this.#offset = event.start
    const entries = new Map<string, Entry>()
    let merge: { readonly source: Node; readonly keyPosition: Position; readonly aliased: boolean } | undefined
    while (this.#events[this.#next]?.type !== EVENT_ID.POP) {
      const keyEvent = this.#events[this.#next]
      const isMerge = keyEvent?.type === EVENT_ID.SCALAR && this.#isMergeKey(keyEvent)
      const key = this.#node()
      const keyPosition =
        keyEvent?.type === EVENT_ID.ALIAS ? this.#lines.position(keyEvent.anchorStart - 1) : key.position
      const aliased = this.#events[this.#next]?.type === EVENT_ID.ALIAS
      const value = this.#node()
      if (key.kind !== 'scalar') {
        this.#problems(keyPosition, 'invalid-key', 'A list or map can not be a key here.')
        continue
      }
      const earlier = isMerge ? merge?.keyPosition : entries.get(key.text)?.keyPosition
      if (earlier) {
        const hint = `It stands in line ${earlier.line} already; keep one of them.`
        this.#problems(keyPosition, 'duplicate-key', `The key ${JSON.stringify(key.text)} is there twice.`, hint)
      } else if (isMerge) merge = { source: value, keyPosition, aliased }
      else {
        entries.set(key.text, { key: key.text, keyPosition, keyIsNull: key.type === 'null', value })
      }
    }
    this.#next++
    if (merge) this.#merge(entries, merge.source, merge.aliased)
    return { kind: 'map', entries, position: this.#lines.position(event.start) }
  }

  #isMergeKey(event: ScalarEvent): boolean {
    if (event.style !== SCALAR_STYLE.PLAIN || getScalarValue(this.#text, event) !== '<<') return false
    return ['', '!', `${CORE}merge`].includes(this.#tag(event))
  }

  /** Keys written out win over merged ones, and earlier maps of a list over later ones. */
  #merge(entries: Map<string, Entry>, source: Node, aliased: boolean): void {
    const maps = source.kind === 'list' && !aliased ? source.items : [source]
    for (const map of maps) {
      if (map.kind !== 'map') {
        this.#problems(map.position, 'invalid-merge', 'A merge key (<<) takes a map or a list of maps.')
        continue
      }
      for (const [key, entry] of map.entries) if (!entries.has(key)) entries.set(key, entry)
    }
  }

  #problem(offset: number, code: string, message: string, hint?: string): void {
    this.#problems(this.#lines.position(offset), code, message, hint)
  }

  #problems(position: Position, code: string, message: string, hint?: string): void {
    this.problems.push({ severity: 'error', code, message, ...(hint && { hint }), position })
  }
}

const STAR = 'A value that begins with * needs quotes.'
const WANTED_TYPES: ReadonlyMap<string, ScalarValue['type']> = new Map([
  ['bool', 'boolean'],
  ['int', 'integer'],
  ['float', 'float'],
  ['null', 'null'],
  ['timestamp', 'timestamp'],
] as const)

/** The share of nodes that may come from aliases: nearly all in a small document, a tenth in one of four million nodes. */
function allowedAliasShare(nodes: number): number {
  if (nodes <= 400_000) return 0.99
  if (nodes >= 4_000_000) return 0.1
  return 0.99 - (0.89 * (nodes - 400_000)) / 3_600_000
}
