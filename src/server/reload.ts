// One edit, from files to running: read, validate, check, build, the operator's own tests, swap; or the last good one keeps serving. One at a time.
// Knows no notices of the file system and no socket: whoever wants a reload calls `request`.
import type { Clock } from '../base/clock.ts'
import type { Problem } from '../yaml/problem.ts'
import { asProblem, type Candidate } from './candidate.ts'
import { type Fingerprint, isSame, takeFingerprint } from './fingerprint.ts'
import { type Inputs, mergeInputs, watchedInputs } from './inputs.ts'

/** `files`: they changed and came to rest. */
export type ReloadCause = 'files' | 'command' | 'signal'

export interface ReloadOutcome {
  readonly kind: 'applied' | 'refused'
  readonly cause: ReloadCause
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Number of the snapshot that serves now. */
  readonly snapshot: number
  /** Why it was refused: errors only; of an applied one its warnings. */
  readonly problems: readonly Problem[]
  /** Keys whose new value counts after the next start only. */
  readonly restart: readonly string[]
  /** Of users whose password is another one now. */
  readonly sessionsEnded: number
}

export interface ReloadDeps {
  readonly clock: Clock
  readonly build: () => Promise<Candidate>
  /** Serves it from now on: all of it, or none of it when it throws. Synchronous. @returns how many sessions ended by it */
  readonly swap: (candidate: Candidate & { kind: 'ok' }) => number
  /** Number of the snapshot that serves. */
  readonly serving: () => number
  readonly onOutcome: (outcome: ReloadOutcome, before: ReloadOutcome | undefined) => void
  /** After each attempt: what to watch, and in which state it was read. */
  readonly onTaken: (inputs: Inputs, taken: Fingerprint, isStale: boolean) => void
  /** What the snapshot that serves at first was made from. */
  readonly inputs: Inputs
  readonly versions: Fingerprint
}

export interface Reloader {
  /**
   * Reloads after whatever reload runs now, once for all who ask meanwhile. Never rejects.
   * @param atRest as the watched files must be before and after reading: otherwise somebody is still writing, and nothing happens
   * @returns undefined when nothing happened
   */
  request(cause: ReloadCause, atRest?: Fingerprint): Promise<ReloadOutcome | undefined>
  /** Resolves when none runs or waits. */
  settled(): Promise<void>
  /** The last one, if there was one. */
  readonly last: ReloadOutcome | undefined
  /** What the snapshot in use was made from. */
  readonly inputs: Inputs
  readonly versions: Fingerprint
}

/** How often it is begun anew because something was written. */
const MORE = 3

const wereWritten = (before: Fingerprint, after: Fingerprint): boolean =>
  [...after].some(([path, now]) => before.has(path) && !isSame(before, new Map([[path, now]])))

export function createReloader(deps: ReloadDeps): Reloader {
  let { inputs, versions } = deps
  let last: ReloadOutcome | undefined
  /** What was read at the last attempt, whatever became of it. */
  let tried = { inputs, versions }
  let running: Promise<unknown> = Promise.resolve()
  /** Asked for and not begun. */
  let waiting: Promise<ReloadOutcome | undefined> | undefined

  const run = async (cause: ReloadCause, atRest: Fingerprint | undefined): Promise<ReloadOutcome | undefined> => {
    const nothing = (toWatch: Inputs): undefined =>
      deps.onTaken(toWatch, tried.versions, last?.kind === 'refused') as undefined
    // Somebody asked for it meanwhile.
    if (atRest !== undefined && isSame(tried.versions, atRest)) return nothing(tried.inputs)
    let { before, candidate, read, after } = await build()
    // A file that was written meanwhile may be read in halves, or be out of date by now: what is asked for is how things are.
    for (let more = MORE; atRest === undefined && more > 0 && wereWritten(before, after); more--)
      ({ before, candidate, read, after } = await build())
    // Also when a file is named for the first time: that it is at rest is not known yet.
    if (atRest !== undefined && !isSame(atRest, takeFingerprint(watchedInputs(read)))) return nothing(read)
    // What changed while it was read is to be found as a change afterwards.
    tried = { inputs: read, versions: new Map([...after].map(([path, now]) => [path, before.get(path) ?? now])) }
    const [result, sessionsEnded] = candidate.kind === 'ok' ? swapped(candidate) : [candidate, 0]
    if (result.kind === 'ok') {
      inputs = tried.inputs
      versions = tried.versions
    }
    const earlier = last
    last = {
      kind: result.kind === 'ok' ? 'applied' : 'refused',
      cause,
      at: deps.clock.now(),
      snapshot: deps.serving(),
      problems: result.kind === 'ok' ? result.warnings : result.problems.filter(({ severity }) => severity === 'error'),
      restart: result.kind === 'ok' ? result.restart : [],
      sessionsEnded,
    }
    deps.onOutcome(last, earlier)
    deps.onTaken(read, tried.versions, last.kind === 'refused')
    return last
  }

  const build = async () => {
    const before = takeFingerprint(tried.inputs)
    const candidate = await deps.build()
    const read = candidate.kind === 'ok' ? candidate.inputs : mergeInputs(inputs, candidate.inputs)
    return { before, candidate, read, after: takeFingerprint(read) }
  }

  const swapped = (candidate: Candidate & { kind: 'ok' }): readonly [Candidate, number] => {
    try {
      return [candidate, deps.swap(candidate)]
    } catch (error) {
      return [{ kind: 'invalid', problems: [asProblem(error)], inputs: candidate.inputs }, 0]
    }
  }

  return {
    request(cause, atRest) {
      if (waiting !== undefined && atRest === undefined) return waiting
      const mine: Promise<ReloadOutcome | undefined> = running.then(() => {
        if (waiting === mine) waiting = undefined
        return run(cause, atRest)
      })
      if (atRest === undefined) waiting = mine
      running = mine
      return mine
    },
    async settled() {
      for (let seen: unknown; seen !== running; await running) seen = running
    },
    get last() {
      return last
    },
    get inputs() {
      return inputs
    },
    get versions() {
      return versions
    },
  }
}
