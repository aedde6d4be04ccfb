// Where everything stands in a YAML text: the nodes with their offsets, aliases and merge keys as written. For editing; what they mean is read elsewhere.
import {
  CHOMPING_MODE,
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml'

export type SourceNode = SourceMap | SourceList | SourceScalar | SourceAlias

interface Placed {
  /** Offset of the anchor or tag, where there is one, else of the node. */
  readonly start: number
  /** Offset of what comes after anchor and tag; where nothing is written, the place where it would be. */
  readonly contentStart: number
  /** Just behind the last character. Blank lines and line ends behind a block scalar are not counted, unless it keeps them. */
  readonly end: number
  /** Just behind anchor and tag, if there is either. */
  readonly propertiesEnd: number | undefined
  /** Where the tag stands, if there is one. */
  readonly tag: readonly [start: number, end: number] | undefined
}
export interface SourceMap extends Placed {
  readonly kind: 'map'
  readonly style: 'block' | 'flow'
  readonly pairs: readonly SourcePair[]
}
export interface SourcePair {
  /** Offset of the key, or of the `?` before it. */
  readonly start: number
  readonly end: number
  readonly key: SourceNode
  /** Just behind the colon, or the key where there is none. */
  readonly colonEnd: number
  readonly hasColon: boolean
  readonly value: SourceNode
}
export interface SourceList extends Placed {
  readonly kind: 'list'
  readonly style: 'block' | 'flow'
  readonly items: readonly SourceItem[]
}
export interface SourceItem {
  /** Offset of the `-`, in brackets that of the node. */
  readonly start: number
  readonly end: number
  readonly value: SourceNode
}
export interface SourceScalar extends Placed {
  readonly kind: 'scalar'
  readonly style: 'plain' | 'single' | 'double' | 'block'
  readonly text: string
  /** Just behind `|-` and its like, for block scalars. */
  readonly headerEnd: number
}
export interface SourceAlias extends Placed {
  readonly kind: 'alias'
  readonly name: string
}

/** @param events what js-yaml made of `text`, without complaint */
export function sourceTree(text: string, events: readonly Event[]): SourceNode {
  return new Reader(text, events).root()
}

/** The offset of the next character that is neither blank nor in a comment. */
export function skipBlank(text: string, from: number): number {
  for (let offset = from; ; offset++) {
    const char = text[offset]
    if (char === '#' && (offset === 0 || /\s/.test(text[offset - 1] ?? ''))) {
      while (offset < text.length && !/[\r\n]/.test(text[offset] ?? '')) offset++
    } else if (char === undefined || !/[ \t\r\n]/.test(char)) return offset
  }
}

class Reader {
  readonly #text: string
  readonly #events: readonly Event[]
  #next = 0

  constructor(text: string, events: readonly Event[]) {
    this.#text = text
    this.#events = events
  }

  root(): SourceNode {
    if (this.#events[this.#next++]?.type !== EVENT_ID.DOCUMENT) return this.#nothing(0)
    const marker = /^(?:%[^\r\n]*(?:\r\n?|\n)|[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n))*---(?=\s|$)/.exec(this.#text)
    return this.#node(marker ? marker[0].length : 0)
  }

  /** @param from where the node may begin at the earliest */
  #node(from: number): SourceNode {
    const event = this.#events[this.#next++]
    switch (event?.type) {
      case EVENT_ID.ALIAS: {
        const [start, end] = [event.anchorStart - 1, event.anchorEnd]
        const name = this.#text.slice(event.anchorStart, end)
        return { kind: 'alias', name, start, contentStart: start, end, propertiesEnd: undefined, tag: undefined }
      }
      case EVENT_ID.SCALAR:
        return this.#scalar(event, from)
      case EVENT_ID.MAPPING:
        return this.#map(event)
      case EVENT_ID.SEQUENCE:
        return this.#list(event)
      default:
        throw new Error('js-yaml sent an event out of place')
    }
  }

  #nothing(at: number): SourceScalar {
    const nowhere = { start: at, contentStart: at, end: at, propertiesEnd: undefined, tag: undefined }
    return { kind: 'scalar', style: 'plain', text: '', headerEnd: at, ...nowhere }
  }

  #scalar(event: ScalarEvent, from: number): SourceScalar {
    const { start, propertiesEnd, tag } = properties(event)
    const after = Math.max(propertiesEnd ?? 0, from)
    const text = getScalarValue(this.#text, event)
    if (event.valueStart < 0) return { ...this.#nothing(after), start: start ?? after, propertiesEnd, tag }
    const node = { kind: 'scalar', text, tag, propertiesEnd, headerEnd: -1 } as const
    if (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK) {
      const contentStart = skipBlank(this.#text, after)
      const headerEnd =
        contentStart + (/^[|>][-+0-9]*/.exec(this.#text.slice(contentStart, contentStart + 4))?.[0].length ?? 1)
      const body = this.#text.slice(event.valueStart, event.valueEnd)
      const kept = event.chomping === CHOMPING_MODE.KEEP ? body.replace(/(?:\r\n?|\n)$/, '') : body.trimEnd()
      const end = kept === '' ? headerEnd : event.valueStart + kept.length
      return { ...node, style: 'block', start: start ?? contentStart, contentStart, end, headerEnd }
    }
    const quotes = event.style === SCALAR_STYLE.PLAIN ? 0 : 1
    const contentStart = event.valueStart - quotes
    const style =
      event.style === SCALAR_STYLE.PLAIN ? 'plain' : event.style === SCALAR_STYLE.SINGLE_QUOTED ? 'single' : 'double'
    return { ...node, style, start: start ?? contentStart, contentStart, end: event.valueEnd + quotes }
  }

  #map(event: MappingEvent): SourceMap {
    const style = event.style === COLLECTION_STYLE.FLOW ? 'flow' : 'block'
    // A pair within the brackets of a list is a map without braces.
    const braced = style === 'flow' && this.#text[event.start] === '{'
    const pairs: SourcePair[] = []
    let end = event.start + (braced ? 1 : 0)
    while (this.#events[this.#next]?.type !== EVENT_ID.POP) {
      const pair = this.#pair(end)
      pairs.push(pair)
      end = pair.end
      if (braced) end = this.#past(',', end)
    }
    this.#next++
    if (braced) end = this.#past('}', end)
    const { start, propertiesEnd, tag } = properties(event)
    const first = Math.min(event.start, pairs[0]?.start ?? event.start)
    return { kind: 'map', style, pairs, start: start ?? first, contentStart: first, end, propertiesEnd, tag }
  }

  #pair(from: number): SourcePair {
    const begin = skipBlank(this.#text, from)
    const explicit = /^\?\s/.test(this.#text.slice(begin, begin + 2))
    const key = this.#node(explicit ? begin + 1 : begin)
    const colon = skipBlank(this.#text, key.end)
    const hasColon = this.#text[colon] === ':'
    const colonEnd = hasColon ? colon + 1 : key.end
    const value = this.#node(colonEnd)
    return { start: explicit ? begin : key.start, end: Math.max(colonEnd, value.end), key, colonEnd, hasColon, value }
  }

  #list(event: SequenceEvent): SourceList {
    const style = event.style === COLLECTION_STYLE.FLOW ? 'flow' : 'block'
    const items: SourceItem[] = []
    let end = event.start + (style === 'flow' ? 1 : 0)
    while (this.#events[this.#next]?.type !== EVENT_ID.POP) {
      const begin = skipBlank(this.#text, end)
      const value = this.#node(style === 'block' ? begin + 1 : begin)
      const start = style === 'block' ? begin : value.start
      end = Math.max(value.end, style === 'block' ? begin + 1 : 0)
      items.push({ start, end, value })
      if (style === 'flow') end = this.#past(',', end)
    }
    this.#next++
    if (style === 'flow') end = this.#past(']', end)
    const { start, propertiesEnd, tag } = properties(event)
    const contentStart = event.start
    return { kind: 'list', style, items, start: start ?? contentStart, contentStart, end, propertiesEnd, tag }
  }

  /** Behind `char` if it comes next, else where it was. */
  #past(char: string, from: number): number {
    const offset = skipBlank(this.#text, from)
    return this.#text[offset] === char ? offset + 1 : from
  }
}

type Properties = Pick<ScalarEvent, 'anchorStart' | 'anchorEnd' | 'tagStart' | 'tagEnd'>

function properties(event: Properties) {
  const starts = [event.anchorStart < 0 ? -1 : event.anchorStart - 1, event.tagStart].filter((offset) => offset >= 0)
  const tag = event.tagStart < 0 ? undefined : ([event.tagStart, event.tagEnd] as const)
  return {
    start: starts.length > 0 ? Math.min(...starts) : undefined,
    propertiesEnd: starts.length > 0 ? Math.max(event.anchorEnd, event.tagEnd) : undefined,
    tag,
  }
}
