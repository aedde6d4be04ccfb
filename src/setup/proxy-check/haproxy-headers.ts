// The headers in HAProxy's set-ups: what it says itself, what it takes away from clients, and the variables that carry the answer.
import type { Findings } from './finding.ts'
import type { HaproxyLine, Question, Section } from './haproxy.ts'
import { IDENTITY_HEADERS, missingOf, underscored } from './identity.ts'
import type { Script } from './lua.ts'

/** A header line of `http-request`: what it does to which name. */
function touched(line: HaproxyLine, name: string): 'set' | 'removed' | undefined {
  const [directive, action = '', header = '', ...rest] = line.words
  if (directive !== 'http-request') return undefined
  const lower = name.toLowerCase()
  const conditional = rest.includes('if') || rest.includes('unless')
  if (action === 'set-header' && header.toLowerCase() === lower && !conditional) return 'set'
  if (action !== 'del-header') return undefined
  const method = rest[rest.indexOf('-m') + 1]
  const fits = !rest.includes('-m')
    ? header.toLowerCase() === lower
    : method === 'beg'
      ? lower.startsWith(header.toLowerCase())
      : method === 'reg'
        ? regexFits(header, lower)
        : method === 'str' && header.toLowerCase() === lower
  return fits && !isLimited(rest) ? 'removed' : undefined
}

/** Taking away under a condition is fine when the condition is the one under which it is asked; anything may be meant, so it counts. */
const isLimited = (rest: readonly string[]): boolean => rest.some((word) => /_exist$/.test(word))

function regexFits(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern.replace(/\(\?i\)/, ''), 'i').test(name)
  } catch {
    return false
  }
}

export function checkForwarded({ line, index, kind }: Question, section: Section, findings: Findings): void {
  const before = section.lines.slice(0, index)
  const sets = (name: string): boolean => before.some((other) => touched(other, name) === 'set')
  const clean = (name: string): boolean =>
    before.some((other) => touched(other, name) !== undefined) ||
    (name === 'X-Forwarded-For' &&
      section.lines.some(({ words }) => words[0] === 'option' && words[1] === 'forwardfor'))
  if (kind === 'own') {
    const missing = missingOf(['X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-For'], clean)
    if (missing !== '')
      findings.mistake(
        'client-forwarded-headers',
        line,
        `${missing} of the client reaches portal and application.`,
        'Write `http-request del-header ^x-forwarded- -m reg` before the question, and set what they need.',
      )
  } else {
    for (const [name, code] of [
      ['X-Forwarded-Method', 'original-method-missing'],
      ['X-Forwarded-Proto', 'wrong-scheme'],
      ['X-Forwarded-Host', 'original-url-missing'],
      ['X-Forwarded-URI', 'original-url-missing'],
    ] as const)
      if (
        !sets(name) &&
        !before.some(({ words }) => words[1] === 'set-header' && words[2]?.toLowerCase() === name.toLowerCase())
      )
        findings.mistake(
          code,
          line,
          `${name} isn't set before the question, so the client's own is judged.`,
          `Write \`http-request set-header ${name} …\` before it.`,
        )
    if (!clean('X-Forwarded-For'))
      findings.mistake(
        'client-forwarded-headers',
        line,
        'X-Forwarded-For isn’t set before the question, so a client names its own address.',
        'Write `http-request set-header X-Forwarded-For %[src]` before it.',
      )
    if (line.words.includes('*'))
      findings.mistake(
        'body-to-gate',
        line,
        'All headers go to the gate: with Transfer-Encoding or Expect among them the question hangs.',
        'List them: cookie,authorization,proxy-authorization,accept,user-agent,x-requested-with,x-forwarded-*.',
      )
  }
  for (const other of section.lines) checkValue(other, section, findings)
}

function checkValue(line: HaproxyLine, section: Section, findings: Findings): void {
  const [directive, action, header = '', value = ''] = line.words
  if (directive !== 'http-request' || !/^(?:set|add)-header$/.test(action ?? '') || !/^x-forwarded-/i.test(header))
    return
  if (/hdr\(x-(?:forwarded|original)/i.test(value))
    findings.mistake(
      'client-forwarded-headers',
      line,
      `${header} is what the client says: ${value}.`,
      'Use what HAProxy sees itself: %[method], https, %[req.hdr(host)], %[pathq], %[src].',
    )
  if (/^x-forwarded-uri$/i.test(header) && /%\[path\]/.test(value) && !/query|questionmark/.test(value))
    findings.mistake('query-absent', line, `${header} is ${value}: the query is missing.`, 'Use %[pathq].')
  const encrypted = section.lines.some(({ words }) => words[0] === 'bind' && words.includes('ssl'))
  if (
    /^x-forwarded-proto$/i.test(header) &&
    value === 'http' &&
    encrypted &&
    !line.words.includes('if') &&
    !line.words.includes('unless')
  )
    findings.mistake('wrong-scheme', line, 'X-Forwarded-Proto says http, whatever the visitor used.', 'Write https.')
}

export function checkIdentity(
  question: Question,
  section: Section,
  sections: readonly Section[],
  ours: readonly Script[],
  findings: Findings,
): void {
  const { line, index, kind } = question
  const backends = sections
    .filter((other) => other.kind === 'backend' || other === section)
    .flatMap((other) => other.lines)
  const early = section.lines.slice(0, index)
  if (kind === 'own' && ours.length === 0) return
  const byScript = kind === 'own' && ours.some(({ stripsIdentity }) => stripsIdentity)
  const byLine = (name: string): boolean =>
    early.some((other) => touched(other, name) === 'removed') ||
    (kind !== 'own' && backends.some((other) => touched(other, name) === 'set'))
  const missing = byScript ? '' : missingOf(IDENTITY_HEADERS, byLine)
  if (missing !== '')
    findings.mistake(
      'identity-not-stripped',
      line,
      `${missing} of the client isn't removed before the question.`,
      'Write `http-request del-header ^remote[-_] -m reg` before it.',
    )
  const strict = sections.some(({ lines }) =>
    lines.some(
      ({ words }) => words[0] === 'option' && words[1] === 'http-restrict-req-hdr-names' && words[2] !== 'preserve',
    ),
  )
  const under =
    strict || (kind === 'own' && ours.some(({ stripsUnderscored }) => stripsUnderscored))
      ? ''
      : missingOf(IDENTITY_HEADERS.map(underscored), (name) =>
          early.some((other) => touched(other, name) === 'removed'),
        )
  if (under !== '')
    findings.mistake(
      'underscore-headers',
      line,
      'Remote_User and its like of the client reach the application.',
      'Write `http-request del-header ^remote[-_] -m reg` before the question.',
    )
  for (const late of section.lines.slice(index + 1))
    if (IDENTITY_HEADERS.some((name) => touched(late, name) === 'removed'))
      findings.mistake(
        'identity-removed',
        late,
        'del-header after the question takes away the true identity.',
        'Put it before the question.',
      )
  if (kind === 'own') return
  const carries = (name: string): boolean =>
    line.text.toLowerCase().includes(name.toLowerCase()) ||
    backends.some(
      ({ words, text }) =>
        words[1] === 'set-header' &&
        words[2]?.toLowerCase() === name.toLowerCase() &&
        /auth_response_header/.test(text),
    ) ||
    /remote-\*/.test(line.text)
  const lost = missingOf(IDENTITY_HEADERS, carries)
  if (lost !== '')
    findings.mistake(
      'identity-missing',
      line,
      `${lost} of the answer isn't handed on.`,
      'List remote-user,remote-groups,remote-name,remote-email in the question, or set them from var(req.auth_response_header.remote_user).',
    )
}

const KNOWN_TXN = /^txn\.auth_response_(?:successful|code|location)$/

/** Variables of haproxy-auth-request that don't exist: a condition on one never holds. */
export function checkVariables(lines: readonly HaproxyLine[], findings: Findings): void {
  for (const line of lines)
    for (const [, name = ''] of line.text.matchAll(/var\(([^),]+)/g)) {
      if (/^txn\.auth_/.test(name) && !KNOWN_TXN.test(name))
        findings.mistake(
          'unknown-variable',
          line,
          `${name} is set by nothing.`,
          'There are txn.auth_response_successful, txn.auth_response_code and txn.auth_response_location.',
        )
      if (/^(?:req|txn)\.auth_response_header\..*-/.test(name))
        findings.mistake(
          'unknown-variable',
          line,
          `${name} is set by nothing: hyphens become underscores.`,
          `Write ${name.replaceAll('-', '_')}.`,
        )
    }
}
