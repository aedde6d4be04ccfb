// Reads a file of cases: a list of tables (or one table). Everything that is wrong is a problem with its place; nothing is skipped silently.
import { closestName } from '../../yaml/closest-name.ts'
import { decodeText } from '../../yaml/decode-text.ts'
import { firstDocument } from '../../yaml/first-document.ts'
import type { Entry, MapNode, Node } from '../../yaml/node.ts'
import type { Position, Problem } from '../../yaml/problem.ts'
import { readYaml } from '../../yaml/read.ts'
import type { Decision, Requirement } from '../model.ts'
import type { CaseTable, PolicyCase } from './policy-case.ts'

export type CasesResult =
  | { readonly kind: 'ok'; readonly tables: readonly CaseTable[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

/** @param file the path as it shall stand in positions */
export function readPolicyCases(input: Uint8Array | string, file: string): CasesResult {
  const decoded = typeof input === 'string' ? ({ kind: 'ok', text: input } as const) : decodeText(input, file)
  if (decoded.kind === 'invalid') return decoded
  const yaml = readYaml(decoded.text, file)
  if (yaml.kind === 'invalid') return yaml
  const reader = new CasesReader()
  const line = lineOfSecondDocument(decoded.text)
  if (line !== undefined)
    reader.wrong(
      'second-document',
      { file, line, column: 1 },
      'Only what stands before this line is read.',
      'Remove the line, and write all tables as one list.',
    )
  const tables = (yaml.root.kind === 'list' ? yaml.root.items : [yaml.root]).map((node) => reader.table(node))
  if (reader.problems.length === 0 && tables.every((table) => table.cases.length === 0))
    reader.wrong(
      'no-cases',
      yaml.root.position,
      'The file holds no cases.',
      'Write a list of tables, each with `cases`.',
    )
  return reader.problems.length > 0 ? { kind: 'invalid', problems: reader.problems } : { kind: 'ok', tables }
}

/** Cases in a second document would never be run. */
function lineOfSecondDocument(text: string): number | undefined {
  const first = firstDocument(text)
  if (first.kind === 'invalid' || !/\n[ \t]*[^\s#]/.test(text.slice(first.text.length))) return undefined
  return first.text.split(/\r\n?|\n/).length
}

const TABLE_KEYS = ['name', 'people', 'cases', 'rules', 'default_policy', 'networks']
const OWN_RULES = ['rules', 'default_policy', 'networks']
const CASE_KEYS = ['id', 'who', 'url', 'method', 'ip', 'want', 'answer']
const WANTED: readonly (Requirement | 'default')[] = ['bypass', 'one_factor', 'two_factor', 'deny', 'default']
const ANSWERS: readonly Decision['kind'][] = ['allow', 'challenge', 'deny']
/** Reserved for documentation (RFC 5737): in nobody's network. */
export const NOBODYS_ADDRESS = '203.0.113.9'

class CasesReader {
  readonly problems: Problem[] = []

  wrong(code: string, position: Position, message: string, hint?: string): void {
    this.problems.push({ severity: 'error', code, message, position, ...(hint === undefined ? {} : { hint }) })
  }

  table(node: Node): CaseTable {
    const map = this.#map(node, TABLE_KEYS, 'A table of cases')
    const name = this.#text(map?.entries.get('name')) ?? ''
    const cases = map?.entries.get('cases')
    const own = OWN_RULES.map((key) => map?.entries.get(key)?.keyPosition).find((position) => position !== undefined)
    if (map && cases === undefined) this.wrong('case-incomplete', node.position, 'A table needs cases.')
    return {
      name,
      people: this.#people(map?.entries.get('people')?.value),
      cases: this.#list(cases?.value, 'cases').map((one, i) => this.#case(one, i)),
      ownRules: own,
    }
  }

  #case(node: Node, index: number): PolicyCase {
    const map = this.#map(node, CASE_KEYS, 'A case')
    const texts = (key: string): readonly string[] | undefined => this.#texts(map?.entries.get(key)?.value)
    const [url, want] = [texts('url'), texts('want')]
    const answer = this.#text(map?.entries.get('answer'))
    if (map && url === undefined) this.wrong('case-incomplete', node.position, 'A case needs a url.')
    if (map && want === undefined && answer === undefined)
      this.wrong(
        'case-incomplete',
        node.position,
        'A case needs want or answer.',
        `want is one of ${WANTED.join(', ')}.`,
      )
    return {
      id: this.#text(map?.entries.get('id')) ?? `case ${index + 1}`,
      who: texts('who') ?? ['anon'],
      url: url ?? [],
      method: texts('method') ?? ['GET'],
      ip: this.#text(map?.entries.get('ip')) ?? NOBODYS_ADDRESS,
      want: (want ?? []).flatMap((word) => this.#choice(word, WANTED, 'want', map?.entries.get('want')) ?? []),
      answer: answer === undefined ? undefined : this.#choice(answer, ANSWERS, 'answer', map?.entries.get('answer')),
      position: node.position,
    }
  }

  #people(node: Node | undefined): ReadonlyMap<string, readonly string[]> {
    if (node === undefined) return new Map()
    if (node.kind !== 'map') {
      this.wrong('case-type', node.position, 'people must be a map from names to groups.')
      return new Map()
    }
    return new Map([...node.entries.values()].map(({ key, value }) => [key, this.#texts(value) ?? []]))
  }

  #choice<T extends string>(word: string, known: readonly T[], key: string, entry: Entry | undefined): T | undefined {
    const found = known.find((one) => one === word)
    if (found === undefined && entry)
      this.wrong(
        'case-value',
        entry.value.position,
        `${key} must be one of ${known.join(', ')}, not ${JSON.stringify(word)}.`,
      )
    return found
  }

  #map(node: Node, known: readonly string[], what: string): MapNode | undefined {
    if (node.kind !== 'map') {
      const empty = node.kind === 'scalar' && node.type === 'null'
      this.wrong(
        empty ? 'no-cases' : 'case-type',
        node.position,
        empty ? 'The file holds no cases.' : `${what} must be a map.`,
      )
      return undefined
    }
    for (const { key, keyPosition } of node.entries.values()) {
      if (known.includes(key)) continue
      const meant = closestName(key, known)
      this.wrong(
        'unknown-key',
        keyPosition,
        `${JSON.stringify(key)} is not a known key here.`,
        meant && `Did you mean ${meant}?`,
      )
    }
    return node
  }

  #list(node: Node | undefined, key: string): readonly Node[] {
    if (node === undefined || (node.kind === 'scalar' && node.type === 'null')) return []
    if (node.kind === 'list') return node.items
    this.wrong('case-type', node.position, `${key} must be a list.`)
    return []
  }

  /** One text or a list of texts; undefined when there is nothing. */
  #texts(node: Node | undefined): readonly string[] | undefined {
    if (node === undefined || (node.kind === 'scalar' && node.type === 'null')) return undefined
    if (node.kind === 'scalar') return [node.text]
    if (node.kind === 'list' && node.items.every((item) => item.kind === 'scalar'))
      return node.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []))
    this.wrong('case-type', node.position, 'Here must be a text or a list of texts.')
    return undefined
  }

  #text(entry: Entry | undefined): string | undefined {
    if (entry === undefined) return undefined
    if (entry.value.kind === 'scalar') return entry.value.text
    this.wrong('case-type', entry.value.position, `${entry.key} must be a text.`)
    return undefined
  }
}
