// One entry of a rule's `domain` or `domain_regex`, and what it says about a host: nothing, that anyone matches, or who has to be asking.
import { foldEqual } from './fold.ts'
import type { UserIdentity } from './model.ts'
import type { Pattern } from './pattern.ts'

/** Who must be asking for the entry to match. Somebody anonymous always may be the one. */
export type Claim =
  /** Name compared exactly. */
  | { readonly kind: 'user'; readonly name: string }
  /** Letter case doesn't count. */
  | { readonly kind: 'group'; readonly name: string }
  /** Named groups of a pattern; letter case doesn't count, and both count when both are there. */
  | { readonly kind: 'captures'; readonly user: string | undefined; readonly group: string | undefined }
  /** The text fits in letters only: matches nobody who signed in. */
  | { readonly kind: 'nobody' }
export type HostMatch = 'anyone' | Claim | undefined

export interface DomainEntry {
  /** As written. */
  readonly text: string
  readonly kind: 'domain' | 'domain_regex'
  /** The entry can only match this host, or hosts that end so; lower case. The index finds it by that. */
  readonly reach: { readonly kind: 'host' | 'suffix'; readonly text: string }
  readonly dependsOnIdentity: boolean
  /** `host` in the letter case in which it is to be read. */
  readonly match: (host: string) => HostMatch
}

const NOBODY: Claim = { kind: 'nobody' }

/** An entry of `domain`: a host, `*.example.com`, `{user}…` or `{group}…`. */
export function domainEntry(written: string): DomainEntry {
  const text = written.toLowerCase()
  const kind = 'domain'
  if (text.startsWith('*.')) {
    const suffix = text.slice(1)
    const reach = { kind: 'suffix', text: suffix } as const
    const match = (host: string) => (host.toLowerCase().endsWith(suffix) ? 'anyone' : undefined)
    return { text: written, kind, reach, dependsOnIdentity: false, match }
  }
  if (text.startsWith('{user}') || text.startsWith('{group}')) {
    const placeholder = text.startsWith('{user}') ? 'user' : 'group'
    const rest = text.slice(placeholder.length + 2)
    const claim = placeholder === 'user' ? userClaim : groupClaim
    const match = (host: string): HostMatch =>
      host.length > rest.length && host.toLowerCase().endsWith(rest) ? claim(host, rest) : undefined
    return { text: written, kind, reach: { kind: 'suffix', text: rest }, dependsOnIdentity: true, match }
  }
  const match = (host: string) => (host.toLowerCase() === text ? 'anyone' : undefined)
  return { text: written, kind, reach: { kind: 'host', text }, dependsOnIdentity: false, match }
}

/** The host must be the name and the rest, letter for letter. */
function userClaim(host: string, rest: string): Claim {
  return host.endsWith(rest) ? { kind: 'user', name: host.slice(0, host.length - rest.length) } : NOBODY
}

/** The group is what stands before the first dot, and all from there on must be the rest: `{group}-app.example.com` fits no group. */
function groupClaim(host: string, rest: string): Claim {
  const dot = host.indexOf('.')
  return dot >= 0 && host.slice(dot) === rest ? { kind: 'group', name: host.slice(0, dot) } : NOBODY
}

/** An entry of `domain_regex`, matched on the host in its letter case. */
export function domainPatternEntry(pattern: Pattern): DomainEntry {
  const reach = { kind: 'suffix', text: pattern.suffix.toLowerCase() } as const
  const match = (host: string): HostMatch => {
    if (!pattern.namesIdentity) return pattern.test(host) ? 'anyone' : undefined
    const captures = pattern.capture(host)
    return captures && { kind: 'captures', ...captures }
  }
  return { text: pattern.source, kind: 'domain_regex', reach, dependsOnIdentity: pattern.namesIdentity, match }
}

/** Whether it is this user who is meant. */
export function claimMet(claim: Claim, user: UserIdentity): boolean {
  switch (claim.kind) {
    case 'user':
      return claim.name === user.username
    case 'group':
      return user.groups.some((group) => foldEqual(group, claim.name))
    case 'captures':
      return capturesMet(claim, user)
    case 'nobody':
      return false
  }
}

export function capturesMet(
  captures: { readonly user: string | undefined; readonly group: string | undefined },
  user: UserIdentity,
): boolean {
  const { user: name, group } = captures
  if (name !== undefined && !foldEqual(name, user.username)) return false
  return group === undefined || user.groups.some((own) => foldEqual(own, group))
}
