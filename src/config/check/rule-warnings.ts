// Warnings about rules that say nothing or other than their author may think. Never errors: Authelia accepts them.
import { mapInSteps, type Steps } from '../../base/steps.ts'
import { step } from '../places.ts'
import type { Rule } from './access-control.ts'
import type { CheckContext } from './context.ts'

export function* warnAboutRules({ config, report }: CheckContext): Steps<void> {
  const cookies = [
    ...(config.session.cookies ?? []).map((cookie) => cookie.domain),
    ...(config.session.domain === undefined ? [] : [config.session.domain]),
  ].filter((domain) => domain !== undefined)
  const decided = new Map<string, number>()
  yield* mapInSteps(config.access_control.rules, (rule, index) => {
    const at = step('/access_control/rules', index)
    for (const [item, domain] of (rule.domain ?? []).entries()) {
      const odd = oddDomain(domain, cookies)
      if (odd) report.warning(odd.code, step(`${at}/domain`, item), odd.message, odd.hint)
    }
    for (const key of CRITERIA) {
      const list: readonly unknown[] | undefined = rule[key]
      if (list === undefined || list.flat().length > 0 || report.isSpoiled(`${at}/${key}`)) continue
      const message = 'is empty, so that the rule is for everybody and everything in this respect'
      report.warning('empty-criterion', `${at}/${key}`, message, 'Remove it, or say what is meant.')
    }
    const earlier = decidedBefore(rule, decided)
    if (earlier !== undefined) {
      const message = `is never reached: access_control.rules[${earlier}] decides all of its domains before it`
      report.warning('unreachable-rule', at, message)
    }
    if (!isUnconditional(rule)) return
    for (const domain of rule.domain ?? [])
      if (!decided.has(domain.toLowerCase())) decided.set(domain.toLowerCase(), index)
  })
}

const CRITERIA = ['subject', 'networks', 'resources', 'methods', 'query'] as const

interface Odd {
  readonly code: string
  readonly message: string
  readonly hint: string
}

function oddDomain(domain: string, cookies: readonly string[]): Odd | undefined {
  const quoted = JSON.stringify(domain)
  if (/[\s,]/.test(domain) || domain === '') {
    return { code: 'odd-domain', message: `${quoted} is no host name`, hint: 'Write several domains as a list.' }
  }
  if (/:\/\/|\/|:\d+$/.test(domain)) {
    return {
      code: 'odd-domain',
      message: `${quoted} never fits`,
      hint: 'Write the host only, no scheme, port or path.',
    }
  }
  if (/^\*[^.]/.test(domain)) {
    return { code: 'odd-domain', message: `${quoted} never fits`, hint: `Did you mean "*.${domain.slice(1)}"?` }
  }
  const host = domain.toLowerCase().replace(/^(?:\*\.|\{(?:user|group)\})/, '')
  const covered = cookies.some(
    (cookie) => host === cookie || host.endsWith(`.${cookie}`) || cookie.endsWith(`.${host}`),
  )
  if (cookies.length === 0 || covered || domain === '*') return undefined
  const hint = 'Requests for hosts outside of every session.cookies[].domain are refused before any rule is read.'
  return { code: 'domain-without-cookie', message: `${quoted} lies outside of every cookie domain`, hint }
}

const isUnconditional = (rule: Rule): boolean =>
  CRITERIA.every((key) => !(rule[key] as readonly unknown[] | undefined)?.flat().length)

/** The index of the last rule that is needed to decide every domain of this one, when all are decided. */
function decidedBefore(rule: Rule, decided: ReadonlyMap<string, number>): number | undefined {
  if (rule.domain_regex?.length || !rule.domain?.length) return undefined
  const by = rule.domain.map((domain) => coveredBy(domain.toLowerCase(), decided))
  return by.every((index) => index !== undefined) ? Math.max(...by) : undefined
}

/** By itself or by a wildcard above it. Placeholders cover only themselves: whom they fit depends on who asks. */
function coveredBy(domain: string, decided: ReadonlyMap<string, number>): number | undefined {
  const same = decided.get(domain)
  if (same !== undefined || domain.includes('{')) return same
  for (let dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
    const above = decided.get(`*${domain.slice(dot)}`)
    if (above !== undefined) return above
  }
  return undefined
}
