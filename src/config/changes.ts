// What differs between two configurations, key by key; in lists of sections (rules, cookie domains) item by item, so that a rule put in at the top is
// one rule added. Compares what values mean, not how they are written.
import { createHmac } from 'node:crypto'
import type { LineValue } from '../yaml/one-line.ts'
import { commonItems } from './common-items.ts'
import type { CompleteConfig } from './complete.generated.ts'
import { type Source, withInherited } from './effective.ts'
import { type Entry, meaningOf, pointerOfSteps, type Steps } from './entries.ts'
import { pathOf } from './places.ts'
import { restartReason } from './restart.ts'

/** A value as it may leave its process: a secret is neither shown nor to be guessed without the salt. */
export interface Comparable {
  readonly steps: Steps
  /** undefined: a secret. */
  readonly value?: LineValue
  readonly meaning: string
  readonly source?: Source
}

export interface Change {
  /** Of an item of a list: its number after the change, or before it where it is gone. */
  readonly path: string
  readonly before?: readonly Comparable[]
  readonly after?: readonly Comparable[]
  /** Why it waits for a restart; without it a reload is enough. */
  readonly restart?: string
}

/** @param salt random, the same for both sides */
export function comparable(entries: readonly (Entry & { readonly source?: Source })[], salt: string): Comparable[] {
  return entries.map((entry) => ({
    steps: entry.steps,
    ...(entry.secret ? {} : { value: entry.value }),
    meaning: entry.secret ? createHmac('sha256', salt).update(meaningOf(entry)).digest('base64') : meaningOf(entry),
    ...(entry.source ? { source: entry.source } : {}),
  }))
}

/** What a running server says of the configuration it runs on, to be held against the files. */
export const runningConfig = (input: CompleteConfig, salt: string): Comparable[] =>
  comparable(withInherited(input), salt)

/** In the order of `after`, what is only in `before` behind its section. */
export function changesBetween(before: readonly Comparable[], after: readonly Comparable[]): Change[] {
  const [old, now] = [divided(before), divided(after)]
  const changes = leafChanges(old.values, now.values)
  for (const list of new Set([...old.lists.keys(), ...now.lists.keys()])) {
    changes.push(...itemChanges(old.lists.get(list) ?? [], now.lists.get(list) ?? []))
  }
  return changes
}

interface Divided {
  readonly values: Comparable[]
  /** By the pointer of the list, its items. */
  readonly lists: Map<string, Comparable[][]>
}

function divided(all: readonly Comparable[]): Divided {
  const values: Comparable[] = []
  const lists = new Map<string, Comparable[][]>()
  for (const entry of all) {
    const depth = entry.steps.findIndex((name) => typeof name === 'number')
    if (depth < 0) values.push(entry)
    else {
      const list = pointerOfSteps(entry.steps.slice(0, depth))
      const items = lists.get(list) ?? []
      const index = entry.steps[depth] as number
      items[index] = [...(items[index] ?? []), entry]
      lists.set(list, items)
    }
  }
  return { values, lists }
}

function leafChanges(before: readonly Comparable[], after: readonly Comparable[]): Change[] {
  const old = new Map(before.map((entry) => [pointerOfSteps(entry.steps), entry]))
  const now = new Map(after.map((entry) => [pointerOfSteps(entry.steps), entry]))
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((pointer) => {
    const [was, is] = [old.get(pointer), now.get(pointer)]
    if (was?.meaning === is?.meaning) return []
    // What it is inherited from has changed, and that is told.
    if (was?.source?.kind === 'inherited' && is?.source?.kind === 'inherited') return []
    return [change(pathOf(pointer), was && [was], is && [is])]
  })
}

/** Items that stayed are found first; what lies between them is paired in order and compared value by value, the rest came or went. */
function itemChanges(before: readonly Comparable[][], after: readonly Comparable[][]): Change[] {
  const stayed = [...commonItems(before.map(identity), after.map(identity)), [before.length, after.length] as const]
  const changes: Change[] = []
  let [old, now] = [0, 0]
  for (const [oldEnd, nowEnd] of stayed) {
    while (old < oldEnd && now < nowEnd) changes.push(...pairChanges(before[old++] ?? [], after[now++] ?? []))
    for (; old < oldEnd; old++) changes.push(change(pathOfItem(before[old]), before[old], undefined))
    for (; now < nowEnd; now++) changes.push(change(pathOfItem(after[now]), undefined, after[now]))
    old++
    now++
  }
  return changes
}

/** Two items of one list that stand for each other: the old one is looked at as if it stood where the new one does. */
function pairChanges(before: readonly Comparable[], after: readonly Comparable[]): Change[] {
  const depth = itemDepth(after)
  const moved = before.map((entry) => ({ ...entry, steps: entry.steps.with(depth, after[0]?.steps[depth] ?? 0) }))
  return leafChanges(moved, after)
}

const itemDepth = (item: readonly Comparable[]): number =>
  (item[0]?.steps ?? []).findIndex((name) => typeof name === 'number')

const pathOfItem = (item: readonly Comparable[] | undefined): string =>
  item?.[0] ? pathOf(pointerOfSteps(item[0].steps.slice(0, itemDepth(item) + 1))) : ''

const identity = (item: readonly Comparable[]): string =>
  JSON.stringify(
    item
      .filter(({ source }) => source?.kind !== 'inherited')
      .map(({ steps, meaning }) => [steps.slice(itemDepth(item) + 1), meaning]),
  )

function change(path: string, before?: readonly Comparable[], after?: readonly Comparable[]): Change {
  const restart = restartReason(path)
  return { path, ...(before && { before }), ...(after && { after }), ...(restart !== undefined && { restart }) }
}
