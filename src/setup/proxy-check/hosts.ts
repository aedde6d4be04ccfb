// Whether the files of a proxy name the hosts that a configuration speaks of. Advice only: a host may stand in a file that nobody gave.
import type { Hosts } from '../site-of-config.ts'
import type { Findings } from './finding.ts'
import type { Source } from './source.ts'

export function checkHosts(given: readonly Source[], { portals, applications }: Hosts, findings: Findings): void {
  // Patterns escape their dots.
  const text = given.map((source) => source.text.toLowerCase().replaceAll('\\', '')).join('\n')
  const isNamed = (host: string): boolean => text.includes(host) || isCoveredByWildcard(host, text)
  const missing = (hosts: readonly string[]): string => hosts.filter((host) => !isNamed(host)).join(', ')
  const place = { file: given[0]?.path ?? '', line: 1 }
  const advise = (hosts: string, what: string, fix: string): void => {
    if (hosts !== '') findings.advice('host-missing', place, `None of the files names ${hosts}, ${what}.`, fix)
  }
  advise(missing(portals), 'where people sign in', 'Hand that host on to Latchkey, outside of the gate.')
  advise(
    missing(applications),
    'which rules are about',
    'Put it behind the gate, or give the file that does with --check too.',
  )
}

/** `*.example.com`, `.example.com`, `[^.]+.example.com` */
function isCoveredByWildcard(host: string, text: string): boolean {
  const above = host.slice(host.indexOf('.'))
  return text
    .split(above)
    .slice(0, -1)
    .some((before) => /(?:^|[^a-z0-9-])$/.test(before))
}
