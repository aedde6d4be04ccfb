// Traefik's middlewares, routers, services and entry points, wherever they are written: files, labels of containers, Kubernetes, the command line.
import { type Node, stringNode } from '../../yaml/node.ts'
import type { Place } from './finding.ts'
import type { Source } from './source.ts'
import { entriesOf, get, itemsOf, placeOf, readDocuments, textOf, textsOf } from './yaml-tree.ts'

export interface Middleware extends Place {
  /** Without `@file` and its like, lower case. */
  readonly name: string
  readonly node: Node
}
export interface Router extends Place {
  readonly name: string
  readonly rule: string
  readonly middlewares: readonly string[]
  /** `host:port` of the servers behind it, as far as the files say; the container's name for labels. */
  readonly servers: readonly string[]
  readonly entryPoints: readonly string[]
}
export interface EntryPoint extends Place {
  readonly name: string
  readonly node: Node
}
export interface TraefikParts {
  readonly middlewares: readonly Middleware[]
  readonly routers: readonly Router[]
  /** Empty when no static part was given. */
  readonly entryPoints: readonly EntryPoint[]
  readonly first: Place
}

export function readTraefik(given: readonly Source[]): TraefikParts {
  const documents = given.flatMap(readDocuments)
  const roots = [...documents, ...documents.flatMap(labelTrees)]
  const services = new Map(
    roots.flatMap((root) =>
      entriesOf(get(root, 'http', 'services')).map(({ key, value }) => [plain(key), serversOf(value)] as const),
    ),
  )
  const middlewares = roots.flatMap((root) => [
    ...entriesOf(get(root, 'http', 'middlewares')).map(({ key, value, place }) => ({
      ...place,
      name: plain(key),
      node: value,
    })),
    ...customResource(root),
  ])
  const routers = roots.flatMap((root) => [...routersOf(root, services), ...ingressRoutes(root)])
  const entryPoints = roots.flatMap((root) =>
    entriesOf(get(root, 'entryPoints')).map(({ key, value, place }) => ({
      ...place,
      name: key.toLowerCase(),
      node: value,
    })),
  )
  return { middlewares, routers, entryPoints, first: { file: given[0]?.path ?? '', line: 1 } }
}

const plain = (name: string): string => (name.split('@')[0] ?? '').toLowerCase()

function routersOf(root: Node, services: ReadonlyMap<string, readonly string[]>): readonly Router[] {
  const own = textOf(get(root, 'container'))
  return entriesOf(get(root, 'http', 'routers')).map(({ key, value, place }) => {
    const service = textOf(get(value, 'service'))
    return {
      ...place,
      name: plain(key),
      rule: textOf(get(value, 'rule')) ?? '',
      middlewares: textsOf(get(value, 'middlewares')).map(plain),
      servers: [...(service ? (services.get(plain(service)) ?? []) : []), ...(own ? [own.toLowerCase()] : [])],
      entryPoints: textsOf(get(value, 'entryPoints')).map((name) => name.toLowerCase()),
    }
  })
}

const serversOf = (service: Node): readonly string[] =>
  itemsOf(get(service, 'loadBalancer', 'servers')).flatMap(
    (server) =>
      (textOf(get(server, 'url')) ?? '')
        .replace(/^\w+:\/\//, '')
        .split('/')[0]
        ?.toLowerCase() || [],
  )

function customResource(root: Node): readonly Middleware[] {
  if (textOf(get(root, 'kind')) !== 'Middleware') return []
  const spec = get(root, 'spec')
  return spec ? [{ ...placeOf(spec), name: plain(textOf(get(root, 'metadata', 'name')) ?? ''), node: spec }] : []
}

function ingressRoutes(root: Node): readonly Router[] {
  if (textOf(get(root, 'kind')) !== 'IngressRoute') return []
  return itemsOf(get(root, 'spec', 'routes')).map((route) => ({
    ...placeOf(route),
    name: textOf(get(root, 'metadata', 'name')) ?? '',
    rule: textOf(get(route, 'match')) ?? '',
    middlewares: itemsOf(get(route, 'middlewares')).flatMap((item) => textOf(get(item, 'name'))?.toLowerCase() ?? []),
    servers: itemsOf(get(route, 'services')).flatMap((item) => textOf(get(item, 'name'))?.toLowerCase() ?? []),
    entryPoints: textsOf(get(root, 'spec', 'entryPoints')).map((name) => name.toLowerCase()),
  }))
}

/** The labels of each service of a compose file, and Traefik's own flags in its `command`, as the trees they stand for. */
function labelTrees(root: Node): readonly Node[] {
  return entriesOf(get(root, 'services')).flatMap(({ key, value }) => {
    const labels = [get(value, 'labels'), get(value, 'deploy', 'labels')]
      .flatMap(pairsOf)
      .filter(([name]) => /^traefik\./i.test(name))
    const flags = itemsOf(get(value, 'command')).flatMap((item): readonly Pair[] => {
      const [, name, text = 'true'] = /^--([^=]+)(?:=(.*))?$/.exec(textOf(item) ?? '') ?? []
      return name && /^(?:entrypoints|providers)\./i.test(name) ? [[name, stringNode(text, item.position)]] : []
    })
    const trees = [labels.map(([name, node]): Pair => [name.replace(/^traefik\./i, ''), node]), flags].filter(
      (pairs) => pairs.length > 0,
    )
    return trees.map((pairs) =>
      treeOf([...pairs, ['container', stringNode(textOf(get(value, 'container_name')) ?? key, value.position)]]),
    )
  })
}

type Pair = readonly [name: string, node: Node]

function pairsOf(labels: Node | undefined): readonly Pair[] {
  if (labels?.kind === 'map') return entriesOf(labels).map(({ key, value }) => [key, value])
  return itemsOf(labels).flatMap((item): readonly Pair[] => {
    const [, name, text] = /^([^=]+)=([\s\S]*)$/.exec(textOf(item) ?? '') ?? []
    return name === undefined ? [] : [[name, stringNode(text ?? '', item.position)]]
  })
}

/** `http.routers.app.rule` → value, as a tree; where a map is, the place is that of its first line. */
function treeOf(pairs: readonly Pair[]): Node {
  const [, first] = pairs[0] as Pair
  const leaf = pairs.find(([name]) => name === '')
  if (leaf) return leaf[1]
  const keys = Map.groupBy(pairs, ([name]) => (name.split('.')[0] ?? '').toLowerCase())
  const entries = [...keys].map(([key, members]) => {
    const value = treeOf(members.map(([name, node]): Pair => [name.split('.').slice(1).join('.'), node]))
    return [key, { key, keyPosition: value.position, keyIsNull: false, value }] as const
  })
  return { kind: 'map', entries: new Map(entries), position: first.position }
}
