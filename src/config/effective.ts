// What is in force when everything is laid over each other, and where each value came from. For people: the server runs on Config.
import type { Problem } from '../yaml/problem.ts'
import type { CompleteConfig } from './complete.generated.ts'
import type { Config } from './config.ts'
import { type Entry, entriesOf, entryAt, type PlainValue, pointerOfSteps, type Steps } from './entries.ts'
import { knownKeys } from './known-keys.ts'
import { judge, type LoadRequest, plainOf } from './load.ts'
import type { Places } from './places.ts'
import { readEnvironment, type SecretFile } from './read/environment.ts'
import { readSources } from './read/sources.ts'

export type Source =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'secret-file'; readonly file: string; readonly variable: string }
  /** Another key that this one takes its value from when it is not written. */
  | { readonly kind: 'inherited'; readonly from: string }
  | { readonly kind: 'default' }

export interface EffectiveEntry extends Entry {
  readonly source: Source
}

export type Effective =
  | {
      readonly kind: 'ok'
      readonly entries: readonly EffectiveEntry[]
      readonly warnings: readonly Problem[]
      readonly config: Config
    }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

export function effectiveConfig(request: LoadRequest): Effective {
  const known = knownKeys()
  const sources = readSources({ ...request, knownKeys: known })
  if (!sources.complete) return { kind: 'invalid', problems: sources.problems }
  const plain = plainOf(sources)
  const written = structuredClone(plain.value)
  const loaded = judge(plain, sources, request.cwd)
  if (loaded.kind === 'invalid') return loaded
  const { secretFiles } = readEnvironment(request.env, known)
  const entries = withInherited(loaded.config.input).map((entry) => ({
    ...entry,
    source: entry.source ?? sourceOf(entry, written, plain.places, secretFiles),
  }))
  return { kind: 'ok', entries, warnings: loaded.warnings, config: loaded.config }
}

function sourceOf({ steps }: Entry, written: unknown, places: Places, secretFiles: readonly SecretFile[]): Source {
  const position = isThere(written, steps) ? places.exact(pointerOfSteps(steps)) : undefined
  if (!position) return { kind: 'default' }
  const { file, line, column } = position
  if (file.startsWith('$')) return { kind: 'environment', variable: file.slice(1) }
  const secret = secretFiles.find((known) => known.file === file && known.path.join('.') === steps.join('.'))
  return secret ? { kind: 'secret-file', file, variable: secret.variable } : { kind: 'file', file, line, column }
}

const isThere = (root: unknown, steps: Steps): boolean =>
  steps.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root) !== undefined

const FROM_SESSION = ['name', 'same_site', 'expiration', 'inactivity', 'remember_me'] as const

export type MaybeSourced = Entry & { readonly source?: Source }

/** All values in force, the input's and those that a key has only because another one is what it is. Also for what a running server tells of itself. */
export function withInherited(input: CompleteConfig): MaybeSourced[] {
  const added: MaybeSourced[] = []
  const add = (steps: Steps, value: PlainValue, source: Source): void => {
    added.push({ ...entryAt(steps, value), source })
  }
  for (const [index, cookie] of (input.session.cookies ?? []).entries()) {
    for (const key of FROM_SESSION) {
      const from = { kind: 'inherited', from: `session.${key}` } as const
      if (cookie[key] === undefined) add(['session', 'cookies', index, key], input.session[key], from)
    }
  }
  const backend = input.authentication_backend
  if (backend.file && backend.file.watch === undefined)
    add(['authentication_backend', 'file', 'watch'], true, { kind: 'default' })
  if (backend.refresh_interval === undefined) {
    const value = backend.file?.watch ? 'always' : '5m'
    const from = { kind: 'inherited', from: 'authentication_backend.file.watch' } as const
    add(['authentication_backend', 'refresh_interval'], value, backend.file?.watch ? from : { kind: 'default' })
  }
  return inserted(entriesOf(input), added)
}

/** Each behind the last one that shares most of its way, so that sections stay together. */
function inserted(entries: readonly MaybeSourced[], added: readonly MaybeSourced[]): MaybeSourced[] {
  const out = [...entries]
  for (const entry of added) {
    for (let length = entry.steps.length - 1; length >= 0; length--) {
      const start = pointerOfSteps(entry.steps.slice(0, length))
      const last = out.findLastIndex(({ steps }) => pointerOfSteps(steps.slice(0, length)) === start)
      if (last < 0) continue
      out.splice(last + 1, 0, entry)
      break
    }
  }
  return out
}
