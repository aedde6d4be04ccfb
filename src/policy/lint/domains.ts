// Names that no host has, and rules about the portal itself.
import { type Finding, quoted } from './finding.ts'
import type { LintedRule } from './lint.ts'

export function lintDomains({ config, facts, find }: LintedRule): readonly Finding[] {
  return config.domain.flatMap((domain, i) => {
    const at = `/domain/${i}`
    const inside = domain.replace(/^(?:\*\.|\{(?:user|group)\})/, '')
    if (/[{}]/.test(inside) || inside.includes('*', 1)) {
      const message = `${quoted(domain)} fits no host: {user}, {group} and *. count only at the beginning`
      return [find('literal-placeholder', at, message, 'Write a domain_regex.')]
    }
    if (/^\{group\}[^.]/.test(domain)) {
      const message = `${quoted(domain)} fits nobody who has signed in: {group} must be all that stands before the first dot`
      return [find('group-not-a-label', at, message, 'Write a domain_regex with (?P<Group>…).')]
    }
    if (facts.portalHosts.includes(domain)) {
      const message = `${quoted(domain)} is the portal, which is never behind the gate`
      return [find('portal-rule', at, message, 'Remove it, and keep the portal out of the gate in the proxy as well.')]
    }
    return []
  })
}
