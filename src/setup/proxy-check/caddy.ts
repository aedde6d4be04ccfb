// The well-known mistakes in Caddyfiles with forward_auth.
import { type CaddyDirective, readCaddy, within } from './caddy-tree.ts'
import type { Findings } from './finding.ts'
import {
  adviseOnCertificate,
  checkGateAddress,
  GATE_PATH,
  IDENTITY_HEADERS,
  MENTIONS_GATE,
  missingOf,
  originOf,
  underscored,
} from './identity.ts'
import { type Source, Sources } from './source.ts'

/** A place at which Caddy asks: forward_auth, or a reverse_proxy that is written out to do the same. */
interface Question {
  readonly directive: CaddyDirective
  readonly written: 'short' | 'out'
  readonly upstream: string
  readonly uri: CaddyDirective | undefined
}

export function checkCaddy(given: readonly Source[], findings: Findings): void {
  const sites = readCaddy(new Sources(given, ['/etc/caddy']))
  const all = sites.flatMap(within)
  for (const { unread, args, ...at } of all)
    if (unread)
      findings.advice(
        'unread',
        at,
        `The import ${args[0]} could not be read.`,
        'Check it together with this file: give it with another --check.',
      )
  checkClientCopies(all, findings)
  const questions = sites.flatMap((site) => questionsIn(site))
  if (questions.length === 0 && !all.some(({ unread }) => unread)) {
    findings.mistake(
      'no-gate',
      sites[0] ?? { file: given[0]?.path ?? '', line: 1 },
      'No site asks Latchkey: there is no forward_auth.',
      'Protect each application as `latchkey proxy caddy` shows.',
    )
  }
  const gates = new Set(questions.map(({ upstream }) => originOf(upstream).authority))
  for (const site of sites) {
    const inSite = questionsIn(site)
    const portal = within(site).find(
      (directive) =>
        directive.name === 'reverse_proxy' &&
        gates.has(originOf(upstreamOf(directive)).authority) &&
        !asksWrittenOut(directive),
    )
    if (portal) checkPortal(site, portal, inSite, findings)
    else for (const question of inSite) checkQuestion(question, site, findings)
  }
}

const upstreamOf = ({ args }: CaddyDirective): string => args.find((word) => !/^[/@*]/.test(word)) ?? ''
const rewriteOf = ({ block }: CaddyDirective): CaddyDirective | undefined =>
  block?.find(({ name, args }) => name === 'rewrite' && GATE_PATH.test(args.join(' ')))
const asksWrittenOut = (directive: CaddyDirective): boolean => rewriteOf(directive) !== undefined

function questionsIn(site: CaddyDirective): readonly Question[] {
  return within(site).flatMap((directive): readonly Question[] => {
    const upstream = upstreamOf(directive)
    if (directive.name === 'forward_auth')
      return [{ directive, written: 'short', upstream, uri: directive.block?.find(({ name }) => name === 'uri') }]
    if (directive.name === 'reverse_proxy' && asksWrittenOut(directive))
      return [{ directive, written: 'out', upstream, uri: rewriteOf(directive) }]
    return []
  })
}

function checkQuestion(question: Question, site: CaddyDirective, findings: Findings): void {
  const { directive, uri, upstream } = question
  const { scheme, host } = originOf(upstream)
  checkGateAddress(findings, directive, scheme, host)
  const target = uri?.args.join(' ') ?? ''
  if (!GATE_PATH.test(target))
    findings.mistake(
      'no-gate',
      uri ?? directive,
      `forward_auth asks at ${target || 'no address at all'}, which is none of the gate’s endpoints.`,
      'Write `uri /api/authz/forward-auth?`.',
    )
  else if (!target.includes('?'))
    findings.mistake(
      'query-passed-on',
      uri ?? directive,
      'Caddy appends the visitor’s query to the question.',
      `Write \`${uri?.name ?? 'uri'} ${target}?\`: the question mark at the end keeps it off.`,
    )
  const unchecked = within(directive).find(({ name }) => name === 'tls_insecure_skip_verify')
  if (unchecked)
    adviseOnCertificate(findings, unchecked, host, unchecked.name, 'Name its authority with tls_trusted_ca_certs.')
  if (directive.block?.some(({ name, args }) => name === 'header_up' && /^\+?upgrade$/i.test(args[0] ?? '')))
    findings.mistake(
      'websocket-to-gate',
      directive,
      'The question hands the Upgrade of a WebSocket to the gate by header_up.',
      'Take that line away.',
    )
  checkCopied(question, findings)
  if (question.written === 'out') checkWrittenOut(directive, findings)
  checkOrder(question, site, findings)
  const cookie = within(site).some(
    ({ name, args }) =>
      ['request_header', 'header_up'].includes(name) && args.some((word) => /^[-+]?cookie$/i.test(word)),
  )
  if (!cookie)
    findings.advice(
      'session-cookie-passed-on',
      directive,
      'The application gets the session cookie.',
      'Take it out with the `request_header Cookie` lines that `latchkey proxy caddy` shows.',
    )
}

function checkCopied({ directive, written }: Question, findings: Findings): void {
  const text = within(directive).filter(
    ({ name }) => name === (written === 'short' ? 'copy_headers' : 'request_header'),
  )
  const words = text
    .flatMap((line) => within(line))
    .flatMap(({ name, args }) => [name, ...args])
    .map((word) => word.split('>')[0]?.toLowerCase())
  const missing = missingOf(IDENTITY_HEADERS, (name) => words.includes(name.toLowerCase()))
  if (missing !== '')
    findings.mistake(
      'identity-missing',
      text[0] ?? directive,
      `${missing} of the answer isn't copied, and a client's own isn't replaced.`,
      'Write `copy_headers Remote-User Remote-Groups Remote-Name Remote-Email`.',
    )
}

function checkWrittenOut(directive: CaddyDirective, findings: Findings): void {
  const up =
    directive.block?.filter(({ name }) => name === 'header_up').map(({ args }) => (args[0] ?? '').toLowerCase()) ?? []
  if (!up.includes('x-forwarded-method'))
    findings.mistake(
      'original-method-missing',
      directive,
      'The question doesn’t say the method.',
      'Write `header_up X-Forwarded-Method {method}`.',
    )
  if (!up.includes('x-forwarded-uri'))
    findings.mistake(
      'original-url-missing',
      directive,
      'The question doesn’t say the path.',
      'Write `header_up X-Forwarded-Uri {uri}`.',
    )
  const matchers = new Map(
    directive.block?.filter(({ name }) => name.startsWith('@')).map((matcher) => [matcher.name, matcher]),
  )
  for (const handler of directive.block?.filter(({ name }) => name === 'handle_response') ?? []) {
    const ends = handler.block?.some(({ name }) => ENDS_THE_REQUEST.test(name))
    const matcher = matchers.get(handler.args[0] ?? '')
    const words = matcher ? within(matcher).flatMap(({ name, args }) => [name, ...args]) : handler.args
    const statuses = words.filter((word) => /^\d(?:xx|\d\d)$/i.test(word))
    const beyond = statuses.filter((word) => !word.startsWith('2'))
    if (!ends && (statuses.length === 0 || beyond.length > 0)) {
      const which = statuses.length === 0 ? 'every status' : `status ${beyond.join(', ')}`
      findings.mistake(
        'fails-open',
        handler,
        `Answers of ${which} let the request go on.`,
        'Write `@good status 2xx` and `handle_response @good`.',
      )
    }
  }
}
const ENDS_THE_REQUEST = /^(?:respond|error|redir|abort|copy_response|reverse_proxy)$/

/** What happens before and after the question: Caddy runs directives as written within `route` only, elsewhere forward_auth comes before request_header. */
function checkOrder({ directive }: Question, site: CaddyDirective, findings: Findings): void {
  const route = within(site).find((block) => block.name === 'route' && within(block).includes(directive))
  const lines = route ? within(route) : within(site)
  const asked = lines.indexOf(directive)
  const isBefore = (line: CaddyDirective): boolean => route !== undefined && lines.indexOf(line) < asked
  const removals = lines.filter(
    ({ name, args }) => name === 'request_header' && args.some((word) => /^-remote[-_*]/i.test(word)),
  )
  const asTheyRun = removals.map((line) => ({
    line,
    early: isBefore(line),
    pattern: (line.args.find((word) => word.startsWith('-')) ?? '').slice(1).toLowerCase(),
    matched: line.args.some((word) => word.startsWith('@')),
  }))
  for (const { line, early, pattern, matched } of asTheyRun) {
    // Removing a placeholder's text by a matcher, or what isn't ours at all, may come later.
    if (!early && !matched && IDENTITY_HEADERS.some((name) => fits(pattern, name)))
      findings.mistake(
        'identity-removed',
        line,
        `request_header -${pattern} runs after forward_auth${route ? '' : ', whatever the order in the file, since it is not within `route { }`'}.`,
        'Put both into `route { }`, the removal first.',
      )
  }
  const early = asTheyRun.filter((removal) => removal.early && !removal.matched)
  const covered = (name: string): boolean => early.some(({ pattern }) => fits(pattern, name))
  const missing = missingOf(IDENTITY_HEADERS, covered)
  if (missing !== '')
    findings.mistake(
      'identity-not-stripped',
      directive,
      `${missing} of the client isn't removed before Caddy asks; Caddy 2.10.0 to 2.11.1 keep it where the answer has none.`,
      'Write `request_header -Remote-*` before forward_auth, both within `route { }`.',
    )
  if (missingOf(IDENTITY_HEADERS.map(underscored), covered) !== '')
    findings.mistake(
      'underscore-headers',
      directive,
      'Remote_User and its like of the client reach the application.',
      'Write `request_header -Remote_*` before forward_auth, both within `route { }`.',
    )
  const application =
    route && lines.slice(0, asked).find((line) => line.name === 'reverse_proxy' && !asksWrittenOut(line))
  if (application)
    findings.mistake(
      'gate-after-application',
      application,
      'reverse_proxy stands before the question.',
      'Put forward_auth before it.',
    )
}

function fits(pattern: string, name: string): boolean {
  const lower = name.toLowerCase()
  return pattern.endsWith('*') ? lower.startsWith(pattern.slice(0, -1)) : pattern === lower
}

function checkClientCopies(all: readonly CaddyDirective[], findings: Findings): void {
  for (const directive of all) {
    const { name, args } = directive
    if (
      ['header_up', 'request_header'].includes(name) &&
      /^\+?x-(?:forwarded|original)-/i.test(args.find((word) => !word.startsWith('@')) ?? '') &&
      /\{(?:http\.request\.)?header\.x-/i.test(args.join(' '))
    )
      findings.mistake(
        'client-forwarded-headers',
        directive,
        `${args.join(' ')}: the header is what the client says.`,
        'Take the line away: Caddy sets X-Forwarded-* by itself.',
      )
    if (/^x-forwarded-proto$/i.test(args[0] ?? '') && name === 'header_up' && args[1] === 'http')
      findings.mistake(
        'wrong-scheme',
        directive,
        'X-Forwarded-Proto says http, whatever the visitor used.',
        'Take the line away: Caddy sets it by itself.',
      )
    if (name === 'trusted_proxies' && args.some((word) => /^(?:0\.0\.0\.0|::)\/0$/.test(word)))
      findings.mistake(
        'client-forwarded-headers',
        directive,
        'trusted_proxies trusts everybody: what any client says in X-Forwarded-* is believed.',
        'Name the addresses of the proxies that stand in front.',
      )
  }
}

function checkPortal(
  site: CaddyDirective,
  portal: CaddyDirective,
  questions: readonly Question[],
  findings: Findings,
): void {
  const behind = questions[0]
  if (behind)
    findings.mistake(
      'portal-behind-gate',
      behind.directive,
      'The portal’s own site asks the gate.',
      'Give the portal a site of its own, without forward_auth.',
    )
  if (
    !within(site).some(
      ({ name, args }) => name !== 'uri' && name !== 'rewrite' && MENTIONS_GATE.test([name, ...args].join(' ')),
    )
  )
    findings.advice(
      'gate-exposed',
      portal,
      'The gate’s endpoints can be reached through the portal’s host.',
      'Write `@gate path_regexp (?i)^/+api/+(authz|verify)` and `respond @gate "404 Not Found" 404` in its site.',
    )
}
