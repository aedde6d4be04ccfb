// What a running server would make of its files if it read them now: the difference to what it runs on. Changes nothing. Read by the server itself,
// since its environment and its flags are a part of its configuration.
import { type Change, changesBetween } from '../config/changes.ts'
import type { Config } from '../config/config.ts'
import type { Loaded } from '../config/load.ts'
import type { Problem } from '../yaml/problem.ts'

export type RunningDiff =
  | { readonly kind: 'ok'; readonly changes: readonly Change[] }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

export function runningDiff(running: Config, loaded: Loaded, selfSigned: boolean): RunningDiff {
  if (loaded.kind === 'invalid') return { kind: 'invalid', problems: loaded.problems }
  return { kind: 'ok', changes: changesBetween({ config: running }, { config: loaded.config }, selfSigned) }
}
