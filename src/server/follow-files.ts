// Keeps what is served in step with the files it is made from: watching, reloading, saying so. What building and swapping mean is the server's matter.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Problem } from '../yaml/problem.ts'
import type { Candidate } from './candidate.ts'
import type { Fingerprint } from './fingerprint.ts'
import { type Inputs, watchedInputs } from './inputs.ts'
import { createReloader, type ReloadCause, type ReloadOutcome } from './reload.ts'
import { createReloadTeller } from './tell-reload.ts'
import { type InputsWatch, watchInputs } from './watch-inputs.ts'

export interface FollowOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly build: () => Promise<Candidate>
  /** Serves it from now on: all of it, or none of it when it throws. Synchronous. @returns how many sessions ended by it */
  readonly swap: (candidate: Candidate & { kind: 'ok' }) => number
  /** Number of the snapshot that serves. */
  readonly serving: () => number
  /** Whether changes are to be noticed, as things are now. */
  readonly isWatched: () => boolean
  readonly onApplied: () => void
  /** What the first snapshot was made from, and what was told of it already. */
  readonly inputs: Inputs
  readonly versions: Fingerprint
  readonly warnings: readonly Problem[]
}

export interface FollowedFiles {
  /** Reads all files anew, whatever is watched; what is not valid changes nothing. Undefined at the end of the server. */
  reload(cause: ReloadCause): Promise<ReloadOutcome | undefined>
  /** The last one, if there was one. */
  readonly last: ReloadOutcome | undefined
  /** Keys whose new value counts after the next start only. */
  readonly restart: readonly string[]
  readonly watching: InputsWatch['way'] | 'off'
  /** What the snapshot in use was made from. */
  readonly inputs: Inputs
  readonly versions: Fingerprint
  /** Resolves when no reload runs any more. */
  close(): Promise<void>
}

export function followFiles(options: FollowOptions): FollowedFiles {
  const { clock, log, build, swap, serving, inputs, versions } = options
  const tell = createReloadTeller(log, options.warnings)
  let watch: InputsWatch | undefined
  let restart: readonly string[] = []
  let isClosed = false

  const follow = (toWatch: Inputs, taken: Fingerprint, isStale: boolean): void => {
    if (isClosed || !options.isWatched()) {
      void watch?.close()
      watch = undefined
      return
    }
    watch ??= watchInputs({ log, onChange: (atRest) => void reloader.request('files', atRest) })
    void watch.follow(watchedInputs(toWatch), taken, isStale)
  }
  const reloader = createReloader({
    clock,
    build,
    swap,
    serving,
    onOutcome(outcome, before) {
      if (outcome.kind === 'applied') restart = outcome.restart
      tell(outcome, before)
      if (outcome.kind === 'applied') options.onApplied()
    },
    onTaken: follow,
    inputs,
    versions,
  })
  follow(inputs, versions, false)

  return {
    reload: async (cause) => (isClosed ? undefined : reloader.request(cause)),
    get last() {
      return reloader.last
    },
    get restart() {
      return restart
    },
    get watching() {
      return watch?.way ?? 'off'
    },
    get inputs() {
      return reloader.inputs
    },
    get versions() {
      return reloader.versions
    },
    async close() {
      isClosed = true
      await watch?.close()
      await reloader.settled()
    },
  }
}
