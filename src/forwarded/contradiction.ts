// Whether header lines that somebody is about to believe contradict each other. Lines of another family are nobody's concern.
import type { HeaderLines, LineName } from './header-lines.ts'
import { type Malformed, malformed } from './malformed.ts'

/** @param believed the lines the caller reads; undefined when each of them came at most once and under its own name */
export function contradiction(lines: HeaderLines, believed: readonly LineName[]): Malformed | undefined {
  if (lines.repeated?.some((name) => believed.includes(name))) return malformed('repeated-header')
  if (lines.aliased?.some((name) => believed.includes(name))) return malformed('header-alias')
  return undefined
}
