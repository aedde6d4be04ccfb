// What the configuration may ask for that is not built yet: refused by name where it would change who gets in, announced once where it would not.
import type { Problem } from '../yaml/problem.ts'
import { type DraftMap, entryAt, isNull, takeEntry } from './draft.ts'
import { type Pointer, pointerOf } from './places.ts'

/** Section → what it is and what there is instead. */
export const NOT_BUILT: Readonly<Record<string, readonly [string, string]>> = {
  'authentication_backend.ldap': ['Users from LDAP are', 'Use authentication_backend.file.'],
  'session.redis': ['Sessions in Redis are', 'Remove the section; sessions are kept in SQLite.'],
  'storage.mysql': ['Storage in MySQL is', 'Use storage.local.'],
  'storage.postgres': ['Storage in PostgreSQL is', 'Use storage.local.'],
  'identity_providers.oidc': ['The OpenID Connect provider is', 'Remove the section.'],
}

export const WITHOUT_EFFECT = ['ntp', 'telemetry', 'privacy_policy'] as const

export interface NotBuilt {
  readonly problems: readonly Problem[]
  /** Sections that were taken out. */
  readonly refused: readonly Pointer[]
}

/** Takes refused sections out of the draft, so that there is one problem for each and no more. */
export function refuseNotBuilt(root: DraftMap): NotBuilt {
  const problems: Problem[] = []
  const refused: Pointer[] = []
  for (const [path, [what, hint]] of Object.entries(NOT_BUILT)) {
    const entry = entryAt(root, path)
    if (!entry || isNull(entry.value)) continue
    takeEntry(root, path)
    refused.push(pointerOf(path))
    const message = `${path}: ${what} not built yet`
    problems.push({ severity: 'error', code: 'not-built-yet', message, hint, path, position: entry.keyPosition })
  }
  for (const path of WITHOUT_EFFECT) {
    const entry = entryAt(root, path)
    if (!entry || isNull(entry.value)) continue
    const message = `${path} is checked, but has no effect yet`
    problems.push({ severity: 'warning', code: 'no-effect-yet', message, path, position: entry.keyPosition })
  }
  return { problems, refused }
}
