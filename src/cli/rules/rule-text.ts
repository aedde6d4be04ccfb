// A rule on one line, as people say it: where it applies and to whom.
import type { RuleConfig } from '../../config/config.ts'

/** `app.example.com`, `api.example.com GET,POST ^/v1/ group:admins`. */
export function ruleText(rule: RuleConfig): string {
  return [
    [...rule.domain, ...rule.domainRegex].join(', '),
    ...(rule.methods.length > 0 ? [`methods ${rule.methods.join(', ')}`] : []),
    ...(rule.resources.length > 0 ? [`resources ${rule.resources.join(', ')}`] : []),
    ...(rule.query.length > 0 ? [`query ${rule.query.map(queryText).join(' or ')}`] : []),
    ...(rule.networks.length > 0 ? [`from ${rule.networks.join(', ')}`] : []),
    ...(rule.subject.length > 0 ? [`for ${rule.subject.map((all) => all.join(' and ')).join(' or ')}`] : []),
  ].join('; ')
}

const queryText = (all: RuleConfig['query'][number]): string =>
  all
    .map(
      ({ key, operator, value }) =>
        `${key} ${operator}${operator === 'present' || operator === 'absent' ? '' : ` ${value}`}`,
    )
    .join(' and ')
