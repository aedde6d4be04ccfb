// What differs between two configurations, key by key; in lists of sections (rules, cookie domains) item by item, so that a rule put in at the top is
// one rule added. Compares what values mean, not how they are written. Secrets are compared, never told.
import type { LineValue } from '../yaml/one-line.ts'
import { commonItems } from './common-items.ts'
import type { Config } from './config.ts'
import { type MaybeSourced, type Source, withInherited } from './effective.ts'
import { meaningOf, pointerOfSteps } from './entries.ts'
import { pathOf } from './places.ts'
import { withoutRestart } from './without-restart.ts'

export interface ChangedValue {
  readonly path: string
  /** Not there where it is a secret. */
  readonly value?: LineValue
  readonly secret?: true
  readonly source?: Source
}

export interface Change {
  /** Of an item of a list: its number after the change, or before it where it is gone. */
  readonly path: string
  /** `waiting`: written before, and the running server hasn't been able to take it up. */
  readonly change: 'added' | 'removed' | 'changed' | 'waiting'
  /** What it takes to have it. */
  readonly effect: 'reload' | 'restart'
  readonly before: readonly ChangedValue[]
  readonly after: readonly ChangedValue[]
}

/** A configuration, and its values where it is known where they came from. */
export interface Side {
  readonly config: Config
  readonly entries?: readonly MaybeSourced[]
}

/** @param selfSigned the server that has to take it up was started with `--self-signed` */
export function changesBetween(before: Side, after: Side, selfSigned = false): Change[] {
  const { restart } = withoutRestart(before.config, after.config, selfSigned)
  const waits = (path: string, key: string): boolean => path === key || path.startsWith(`${key}.`)
  const [old, now] = [divided(entriesOf(before)), divided(entriesOf(after))]
  const changes = leafChanges(old.values, now.values)
  for (const list of new Set([...old.lists.keys(), ...now.lists.keys()])) {
    changes.push(...itemChanges(old.lists.get(list) ?? [], now.lists.get(list) ?? []))
  }
  const told = changes.map((one) => (restart.some((key) => waits(one.path, key)) ? asRestart(one) : one))
  // A server keeps such a key as it was and takes the rest: then it differs without having changed.
  const waiting = restart
    .filter((key) => !told.some(({ path }) => waits(path, key)))
    .map((path): Change => ({ path, change: 'waiting', effect: 'restart', before: [], after: [] }))
  return [...told, ...waiting]
}

const asRestart = (change: Change): Change => ({ ...change, effect: 'restart' })
const entriesOf = ({ config, entries }: Side): readonly MaybeSourced[] => entries ?? withInherited(config.input)

interface Divided {
  readonly values: MaybeSourced[]
  /** By the pointer of the list, its items. */
  readonly lists: Map<string, MaybeSourced[][]>
}

function divided(all: readonly MaybeSourced[]): Divided {
  const values: MaybeSourced[] = []
  const lists = new Map<string, MaybeSourced[][]>()
  for (const entry of all) {
    const depth = entry.steps.findIndex((name) => typeof name === 'number')
    if (depth < 0) values.push(entry)
    else {
      const list = pointerOfSteps(entry.steps.slice(0, depth))
      const items = lists.get(list) ?? []
      const index = entry.steps[depth] as number
      items[index] ??= []
      items[index].push(entry)
      lists.set(list, items)
    }
  }
  return { values, lists }
}

function leafChanges(before: readonly MaybeSourced[], after: readonly MaybeSourced[]): Change[] {
  const old = new Map(before.map((entry) => [pointerOfSteps(entry.steps), entry]))
  const now = new Map(after.map((entry) => [pointerOfSteps(entry.steps), entry]))
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((pointer) => {
    const [was, is] = [old.get(pointer), now.get(pointer)]
    if (was && is && meaningOf(was) === meaningOf(is)) return []
    // What it is inherited from has changed, and that is told.
    if (was?.source?.kind === 'inherited' && is?.source?.kind === 'inherited') return []
    return [change(pathOf(pointer), was && [was], is && [is])]
  })
}

/** Items that stayed are found first; what lies between them is paired in order and compared value by value, the rest came or went. */
function itemChanges(before: readonly MaybeSourced[][], after: readonly MaybeSourced[][]): Change[] {
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
function pairChanges(before: readonly MaybeSourced[], after: readonly MaybeSourced[]): Change[] {
  const depth = itemDepth(after)
  const moved = before.map((entry) => ({ ...entry, steps: entry.steps.with(depth, after[0]?.steps[depth] ?? 0) }))
  return leafChanges(moved, after)
}

const itemDepth = (item: readonly MaybeSourced[]): number =>
  (item[0]?.steps ?? []).findIndex((name) => typeof name === 'number')

const pathOfItem = (item: readonly MaybeSourced[] | undefined): string =>
  item?.[0] ? pathOf(pointerOfSteps(item[0].steps.slice(0, itemDepth(item) + 1))) : ''

const identity = (item: readonly MaybeSourced[]): string =>
  JSON.stringify(
    item
      .filter(({ source }) => source?.kind !== 'inherited')
      .map((entry) => [entry.steps.slice(itemDepth(item) + 1), meaningOf(entry)]),
  )

function change(path: string, before?: readonly MaybeSourced[], after?: readonly MaybeSourced[]): Change {
  return {
    path,
    change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    effect: 'reload',
    before: (before ?? []).map(told),
    after: (after ?? []).map(told),
  }
}

const told = ({ steps, secret, value, source }: MaybeSourced): ChangedValue => ({
  path: pathOf(pointerOfSteps(steps)),
  ...(secret ? { secret } : { value }),
  ...(source && { source }),
})
