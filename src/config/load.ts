// From paths and environment to a Config or to everything that is wrong with it. The server and `config validate` both come through here, so the one
// can't accept what the other refuses. Opens the configuration's own files and nothing else.
import { atOnce, type Steps } from '../base/steps.ts'
import type { Position, Problem } from '../yaml/problem.ts'
import { checking } from './check/check.ts'
import type { Config } from './config.ts'
import { moveDeprecatedKeys } from './deprecated.ts'
import { derive } from './derive/derive.ts'
import { type DraftMap, draftOf } from './draft.ts'
import { knownKeys } from './known-keys.ts'
import { normalise } from './normalise.ts'
import { refuseNotBuilt } from './not-built.ts'
import { type Places, type Pointer, step } from './places.ts'
import { readingSources, type Sources } from './read/sources.ts'
import { Report } from './report.ts'
import { CONFIG_SHAPE } from './shape.ts'
import { validate } from './validate.ts'

export interface LoadRequest {
  /** Files and folders, as given; later ones win. */
  readonly paths: readonly string[]
  /** Someone named them: a missing one is an error. */
  readonly explicit: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** `template`, `expand-env`; run over each file in this order. */
  readonly filters: readonly string[]
  /** Where relative paths begin. */
  readonly cwd: string
}

export type Loaded =
  | {
      readonly kind: 'ok'
      readonly config: Config
      readonly warnings: readonly Problem[]
      /** Where the value of a key stands, else the nearest section around it. */
      readonly placeOf: (pointer: Pointer) => Position | undefined
    }
  | {
      readonly kind: 'invalid'
      /** At least one error, and the warnings. */
      readonly problems: readonly Problem[]
      /** What was read or looked for, as in `Config`: a change of it may mend the configuration. Absolute paths. */
      readonly sourceFiles: readonly string[]
      readonly sourceDirectories: readonly string[]
    }

export const loadConfig = (request: LoadRequest): Loaded => atOnce(loadingConfig(request))

/** The same in steps. */
export function* loadingConfig(request: LoadRequest): Steps<Loaded> {
  const sources = yield* readingSources({ ...request, knownKeys: knownKeys() })
  yield
  return yield* interpreting(sources, request.cwd)
}

/** What the merged sources mean. Never throws for what a person wrote. */
export const interpret = (sources: Sources, cwd: string): Loaded => atOnce(interpreting(sources, cwd))

function* interpreting(sources: Sources, cwd: string): Steps<Loaded> {
  // What is missing from a half-read configuration is nobody's fault.
  if (!sources.complete) return invalid(sources.problems, sources)
  const plain = plainOf(sources)
  yield
  return yield* judging(plain, sources, cwd)
}

/** Plain data with Authelia's conversions done, before it is judged and completed with defaults. */
export interface Plain {
  readonly value: Record<string, unknown>
  readonly places: Places
  readonly problems: readonly Problem[]
}

/** @param sources complete */
export function plainOf(sources: Sources): Plain {
  const root = draftOf(sources.root) as DraftMap
  const deprecations = moveDeprecatedKeys(root)
  const notBuilt = refuseNotBuilt(root)
  const { value, places, problems: conversions } = normalise(root, CONFIG_SHAPE)
  for (const pointer of notBuilt.refused) places.spoil(pointer)
  forgetWhatIsDisabled(value)
  return { value, places, problems: [...sources.problems, ...deprecations, ...notBuilt.problems, ...conversions] }
}

/** Changes `value` in place: defaults are filled in. */
export const judge = (plain: Plain, sources: Sources, cwd: string): Loaded => atOnce(judging(plain, sources, cwd))

function* judging({ value, places, problems: found }: Plain, sources: Sources, cwd: string): Steps<Loaded> {
  const problems: Problem[] = [...found]
  const report = new Report(places)
  const input = validate(value, report, places)
  yield
  yield* checking({ config: input, report, cwd })
  yield
  problems.push(...report.problems)
  if (problems.some((problem) => problem.severity === 'error')) return invalid(problems, sources)
  const config = derive(input, {
    cwd,
    rulePosition: (index) => places.value(step('/access_control/rules', index)),
    sourceFiles: sources.files,
    sourceDirectories: sources.directories,
  })
  return { kind: 'ok', config, warnings: problems, placeOf: (pointer) => places.value(pointer) }
}

const invalid = (problems: readonly Problem[], sources: Sources): Loaded => ({
  kind: 'invalid',
  problems,
  sourceFiles: sources.files,
  sourceDirectories: sources.directories,
})

type Section = Record<string, unknown> | undefined

/** Options of what is turned off are not looked at, as Authelia doesn't. */
function forgetWhatIsDisabled(value: Record<string, unknown>): void {
  const totp = value['totp'] as Section
  if (totp?.['disable'] === true) value['totp'] = { disable: true }
  const webauthn = value['webauthn'] as Section
  const metadata = webauthn?.['metadata'] as Section
  if (webauthn && metadata && metadata['enabled'] !== true) webauthn['metadata'] = {}
}
