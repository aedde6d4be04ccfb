// Functions about values: lists, dicts, types, defaults, YAML, time.
import { randomUUID } from 'node:crypto'
import type { Node } from '../../../yaml/node.ts'
import { readYaml } from '../../../yaml/read.ts'
import { plainInteger } from '../../../yaml/scalar-value.ts'
import { writeYaml, type YamlValue } from '../../../yaml/write.ts'
import type { Budget } from './budget.ts'
import { define, dict, integer, type TemplateFunction, text, type World } from './call.ts'
import { formatLeaf, formatValue } from './format.ts'
import { asTexts } from './functions-text.ts'
import { formatTime, GoTime, isZone, localZone, parseTime, ZERO_TIME } from './go-time.ts'
import { TemplateError } from './template-error.ts'
import { compareText, Dict, FoundFile, isList, isTrue, kindOf, textList, typeOf, type Value } from './value.ts'

export const DATA_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  list: define([], (values) => [...values], 'any'),
  dict: define(
    [],
    (values, { budget }) => {
      const made = new Dict()
      for (let i = 0; i < values.length; i += 2) {
        made.entries.set(formatValue(values[i], budget), i + 1 < values.length ? values[i + 1] : '')
      }
      return made
    },
    'any',
  ),
  get: define(['dict', 'text'], ([map, key]) =>
    dict(map).entries.has(text(key)) ? dict(map).entries.get(text(key)) : '',
  ),
  set: define(['dict', 'text', 'any'], ([map, key, value]) => {
    dict(map).entries.set(text(key), value)
    return map
  }),
  keys: define([], (maps) => textList(maps.flatMap((map) => [...dict(map).entries.keys()])), 'dict'),
  sortAlpha: define(['any'], ([value], { budget }) => textList(asTexts(value, budget).sort(compareText))),
  iterate: define(['integer'], ([count], { budget }) => {
    budget.step(Math.max(0, integer(count)))
    return Array.from({ length: Math.max(0, integer(count)) }, (_, index) => BigInt(index))
  }),
  default: define(['any'], ([otherwise, given]) => (isTrue(given) ? given : otherwise), 'any'),
  empty: define(['any'], ([value]) => !isTrue(value)),
  deepEqual: define(['any', 'any'], ([a, b], { budget }) => deepEqual(a, b, budget, 0)),
  typeOf: define(['any'], ([value]) => typeOf(value)),
  typeIs: define(['text', 'any'], ([name, value]) => typeOf(value) === name),
  typeIsLike: define(['text', 'any'], ([name, value]) => typeOf(value) === name || `*${typeOf(value)}` === name),
  kindOf: define(['any'], ([value]) => kindOf(value)),
  kindIs: define(['text', 'any'], ([name, value]) => kindOf(value) === name),
  uuidv4: define([], () => randomUUID()),
  fromYaml: define(['text'], ([value], { budget }) => parseYaml(text(value), budget)),
  toYaml: define(['any'], ([value], { budget }) => toYaml(value, 4, budget)),
  toYamlPretty: define(['any'], ([value], { budget }) => toYaml(value, 2, budget)),
  toYamlCustom: define(['any', 'integer'], ([value, columns], { budget }) => toYaml(value, integer(columns), budget)),
  now: define([], (_, { now }) => new GoTime(now, localZone())),
  ago: define(['any'], ([value], world) => duration(Math.round((world.now - moment(value, world).time) / 1000))),
  duration: define(['any'], ([value]) => duration(/^-?\d+$/.test(String(value)) ? Number(value) : 0)),
  toDate: define(['text', 'text'], ([layout, value]) => parseTime(text(layout), text(value), localZone()) ?? ZERO_TIME),
  mustToDate: define(['text', 'text'], ([layout, value]) => {
    const parsed = parseTime(text(layout), text(value), localZone())
    if (!parsed) throw new TemplateError('mustToDate: the text does not fit the layout')
    return parsed
  }),
  date: define(['text', 'any'], ([layout, value], world) => inZone(text(layout), value, localZone(), world)),
  dateInZone: define(['text', 'any', 'text'], ([layout, value, zone], world) =>
    inZone(text(layout), value, text(zone), world),
  ),
  htmlDate: define(['any'], ([value], world) => inZone('2006-01-02', value, localZone(), world)),
  htmlDateInZone: define(['any', 'text'], ([value, zone], world) => inZone('2006-01-02', value, text(zone), world)),
  unixEpoch: define(['any'], ([value], world) => String(Math.floor(moment(value, world).time / 1000))),
}

/** A time as it is, a number as seconds since the epoch; anything else is now. */
function moment(value: Value, { now }: World): GoTime {
  if (value instanceof GoTime) return value
  if (typeof value === 'bigint') return new GoTime(Number(value) * 1000, localZone())
  return new GoTime(now, localZone())
}

function inZone(layout: string, value: Value, zone: string, world: World): string {
  const name = zone === '' ? 'UTC' : zone === 'Local' ? localZone() : zone
  return formatTime(new GoTime(moment(value, world).time, isZone(name) ? name : 'UTC'), layout)
}

/** Seconds as Go writes a duration: `1h1m5s`. */
function duration(seconds: number): string {
  const total = Math.abs(seconds)
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : ''
  return `${seconds < 0 ? '-' : ''}${head}${rest}s`
}

function deepEqual(a: Value, b: Value, budget: Budget, depth: number): boolean {
  budget.step()
  budget.depth(depth)
  if (a === b || (a == null && b == null)) return true
  if (isList(a) && isList(b)) {
    if (typeOf(a) !== typeOf(b) || a.length !== b.length) return false
    return a.every((item, index) => deepEqual(item, b[index], budget, depth + 1))
  }
  if (a instanceof Dict && b instanceof Dict) {
    if (typeOf(a) !== typeOf(b) || a.entries.size !== b.entries.size) return false
    return [...a.entries].every(
      ([key, value]) => b.entries.has(key) && deepEqual(value, b.entries.get(key), budget, depth + 1),
    )
  }
  return a instanceof GoTime && b instanceof GoTime && a.time === b.time && a.zone === b.zone
}

function parseYaml(source: string, budget: Budget): Value {
  const result = readYaml(source, 'fromYaml')
  if (result.kind === 'invalid') {
    const problem = result.problems[0]
    const line = problem?.position ? ` (line ${problem.position.line} of the text)` : ''
    throw new TemplateError(`fromYaml got text that is not YAML${line}`)
  }
  if (result.root.kind === 'scalar' && result.root.type === 'null') return new Dict()
  if (result.root.kind !== 'map') throw new TemplateError('fromYaml needs a map')
  return fromNode(result.root, budget)
}

function fromNode(node: Node, budget: Budget): Value {
  budget.step()
  if (node.kind === 'list') return node.items.map((item) => fromNode(item, budget))
  if (node.kind === 'map') {
    return new Dict([...node.entries].map(([key, entry]) => [key, fromNode(entry.value, budget)] as const))
  }
  if (node.type === 'integer') return plainInteger(node.text) ?? BigInt(Math.trunc(node.value))
  return node.type === 'timestamp' ? timestamp(node.value) : node.value
}

function timestamp(source: string): GoTime {
  const spaced = source.replace(/[Tt ]/, 'T')
  for (const layout of ['2006-1-2', '2006-1-2T15:4:5', '2006-1-2T15:4:5Z07:00']) {
    const parsed = parseTime(layout, spaced, 'UTC')
    if (parsed) return parsed
  }
  return ZERO_TIME
}

function toYaml(value: Value, columns: number, budget: Budget): string {
  const plain = toPlain(value, budget, 0)
  const output = writeYaml(plain, Math.min(Math.max(columns, 2), 9)).replace(/\n$/, '')
  budget.text(output.length)
  return output
}

function toPlain(value: Value, budget: Budget, depth: number): YamlValue {
  budget.step()
  budget.depth(depth)
  if (value === undefined || value === null) return null
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value
  if (typeof value === 'bigint') return value
  if (isList(value)) return value.map((item) => toPlain(item, budget, depth + 1))
  if (value instanceof Dict)
    return new Map(value.sorted().map(([key, item]) => [key, toPlain(item, budget, depth + 1)]))
  return value instanceof FoundFile ? (Object.fromEntries(value.fields)['Path'] ?? '') : formatLeaf(value)
}
