// The well-known mistakes in HAProxy's set-ups: a Lua action of ours, or haproxy-auth-request.
import { Fault } from '../../base/fault.ts'
import type { Findings, Place } from './finding.ts'
import { checkForwarded, checkIdentity, checkVariables } from './haproxy-headers.ts'
import { adviseOnCertificate, checkGateAddress, GATE_PATH, MENTIONS_GATE, originOf } from './identity.ts'
import { checkScript, readScript, type Script } from './lua.ts'
import { type Source, Sources } from './source.ts'

export interface HaproxyLine extends Place {
  readonly words: readonly string[]
  readonly text: string
}
export interface Section extends Place {
  readonly kind: string
  readonly name: string
  readonly lines: readonly HaproxyLine[]
}
/** `http-request lua.… … if …`. */
export interface Question {
  readonly line: HaproxyLine
  readonly index: number
  readonly action: string
  /** haproxy-auth-request: says yes or no in a variable, or answers itself. */
  readonly kind: 'auth-request' | 'auth-intercept' | 'own'
  readonly condition: { readonly word: 'if' | 'unless'; readonly text: string } | undefined
}

const KINDS =
  /^(?:global|defaults|frontend|backend|listen|userlist|peers|resolvers|cache|program|http-errors|mailers|ring|log-forward|fcgi-app|crt-store|traces)$/

export function checkHaproxy(given: readonly Source[], findings: Findings): void {
  const configurations = given.filter(({ path }) => !path.endsWith('.lua'))
  const sources = new Sources(given, ['/etc/haproxy'])
  const sections = configurations.flatMap(sectionsOf)
  const lines = sections.flatMap((section) => section.lines)
  const scripts = lines
    .filter(({ words }) => /^lua-load(?:-per-thread)?$/.test(words[0] ?? ''))
    .map(({ words, ...line }) => ({ line, found: sources.find(words[1] ?? '', line.file) }))
  for (const { line, found } of scripts)
    if (!found)
      findings.advice(
        'unread',
        line,
        `The script ${line.text.trim().split(/\s+/)[1]} could not be read.`,
        'Check it together with this file: give it with another --check.',
      )
  const loaded = [
    ...new Map(
      [...scripts.flatMap(({ found }) => found ?? []), ...given.filter(({ path }) => path.endsWith('.lua'))].map(
        (source) => [source.path, source],
      ),
    ).values(),
  ]
  const ours = loaded.filter(({ text }) => /register_action/.test(text) && !/auth-intercept/.test(text)).map(readScript)
  for (const script of ours) checkScript(script, findings)

  const asking = sections
    .map((section) => ({ section, questions: questionsOf(section) }))
    .filter(({ questions }) => questions.length > 0)
  if (asking.length === 0 && configurations.length > 0)
    findings.mistake(
      'no-gate',
      sections.find(({ kind }) => kind === 'frontend') ?? { file: configurations[0]?.path ?? '', line: 1 },
      'No http-request asks Latchkey.',
      'Load the script and ask as `latchkey proxy haproxy` shows.',
    )
  const variableLines = lines.filter(({ text }) => /var\(/.test(text))
  checkVariables(variableLines, findings)
  for (const { section, questions } of asking) {
    for (const question of questions) {
      checkAnswered(question, section, findings)
      checkForwarded(question, section, findings)
      checkIdentity(question, section, sections, ours, findings)
      checkAddress(question, sections, findings)
      checkPortal(question, section, sections, findings)
    }
    checkCookie(questions, section, lines, ours, loaded, findings)
  }
}

function sectionsOf({ path, text }: Source): readonly Section[] {
  const sections: (Section & { lines: HaproxyLine[] })[] = []
  for (const [i, raw] of text.split('\n').entries()) {
    // A comment begins at a # that stands outside of quotes and isn't escaped.
    const line = raw.replace(/^((?:[^#"'\\]|\\.|"(?:\\.|[^"\\])*"|'[^']*')*)#.*$/, '$1')
    const words = (line.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'])+/g) ?? []).map((word) =>
      word.replace(/^(["'])([\s\S]*)\1$/, '$2'),
    )
    const [first = '', name = ''] = words
    if (first === '') continue
    const place = { file: path, line: i + 1 }
    if (KINDS.test(first) && !/^\s/.test(raw)) sections.push({ ...place, kind: first, name, lines: [] })
    else {
      const section = sections.at(-1)
      if (!section)
        throw new Fault(
          'proxy-file',
          `${path}:${i + 1}: this is not HAProxy’s language: ${JSON.stringify(first)} stands in no section.`,
          { hint: '`haproxy -c -f` says the same, if it is meant for HAProxy.' },
        )
      section.lines.push({ ...place, words, text: line })
    }
  }
  return sections
}

/** What stands behind `if` or `unless`. */
export function conditionOf(words: readonly string[]): Question['condition'] {
  const i = words.findLastIndex((word) => word === 'if' || word === 'unless')
  return i < 0 ? undefined : { word: words[i] as 'if' | 'unless', text: words.slice(i + 1).join(' ') }
}

function questionsOf({ lines }: Section): readonly Question[] {
  return lines.flatMap((line, index): readonly Question[] => {
    const [directive, action = ''] = line.words
    if (directive !== 'http-request' || !action.startsWith('lua.') || !line.words.some((word) => GATE_PATH.test(word)))
      return []
    const kind =
      action === 'lua.auth-request' ? 'auth-request' : action === 'lua.auth-intercept' ? 'auth-intercept' : 'own'
    return [{ line, index, action, kind, condition: conditionOf(line.words) }]
  })
}

/** lua.auth-request only remembers the answer; something has to act on it. */
function checkAnswered({ line, index, kind }: Question, section: Section, findings: Findings): void {
  if (kind !== 'auth-request') return
  const acts = section.lines
    .slice(index + 1)
    .some(
      ({ words, text }) =>
        (words[0] === 'use_backend' || /^(?:deny|redirect|return|reject|tarpit)$/.test(words[1] ?? '')) &&
        /auth_response_successful/.test(text),
    )
  if (!acts)
    findings.mistake(
      'fails-open',
      line,
      'lua.auth-request only remembers the answer, and nothing acts on it.',
      'Write `http-request deny unless { var(txn.auth_response_successful) -m bool }` behind it, or use lua.latchkey.',
    )
  for (const { words, text, ...place } of section.lines.slice(index + 1))
    if (words[0] === 'http-request' && /auth_response_code\)\s+-m\s+(?:beg|reg)\s+\^?[23]/.test(text))
      findings.mistake(
        'fails-open',
        place,
        'More than 200 counts as yes.',
        'Use var(txn.auth_response_successful) -m bool.',
      )
}

function checkAddress({ line }: Question, sections: readonly Section[], findings: Findings): void {
  const url = line.words.find((word) => /^https?:\/\//.test(word))
  if (url) {
    const { scheme, host } = originOf(url)
    checkGateAddress(findings, line, scheme, host)
    if (url.includes('?') || url.includes('%['))
      findings.mistake(
        'query-passed-on',
        line,
        'The question’s address has a query, or is made from the request.',
        'Ask at /api/authz/forward-auth, nothing behind it.',
      )
    return
  }
  const backend = sections.find(({ kind, name }) => kind === 'backend' && name === line.words[2])
  for (const server of backend?.lines.filter(({ words }) => words[0] === 'server') ?? []) {
    const encrypted = server.words.includes('ssl')
    if (!encrypted) checkGateAddress(findings, server, 'http', originOf(server.words[2] ?? '').host)
    else if (server.words.join(' ').includes('verify none')) {
      const { host } = originOf(server.words[2] ?? '')
      adviseOnCertificate(findings, server, host, 'verify none', 'Write `verify required ca-file @system-ca`.')
    }
  }
}

const serverOf = (section: Section | undefined): string =>
  section?.lines.find(({ words }) => words[0] === 'server')?.words[2]?.toLowerCase() ?? ''

/** The backend that Latchkey serves, the line that leads there, and whether those requests are asked about. */
function checkPortal(
  { line, condition }: Question,
  section: Section,
  sections: readonly Section[],
  findings: Findings,
): void {
  const url = line.words.find((word) => /^https?:\/\//.test(word))
  const gate = url ? originOf(url).authority : serverOf(sections.find(({ name }) => name === line.words[2]))
  const backends = new Set(
    sections
      .filter((other) => ['backend', 'listen'].includes(other.kind) && serverOf(other) === gate && gate !== '')
      .map(({ name }) => name),
  )
  const leads = section.lines.find(({ words }) => words[0] === 'use_backend' && backends.has(words[1] ?? ''))
  if (!leads) return
  const portal = conditionOf(leads.words)?.text ?? ''
  const hosts = hostsOf(section, portal)
  const asked = condition === undefined ? hosts : coveredBy(section, condition.text, hosts)
  const isAsked =
    condition === undefined ||
    (condition.word === 'if' ? asked.length > 0 : condition.text !== portal && asked.length < hosts.length)
  if (isAsked)
    findings.mistake(
      'portal-behind-gate',
      line,
      `The portal's host is asked about too${condition ? ` (${condition.word} ${condition.text})` : ''}.`,
      `Write \`unless ${portal || 'portal'}\` behind the question.`,
    )
  if (
    !section.lines.some(({ text, words }) =>
      words[0] !== 'http-request' || !words[1]?.startsWith('lua.') ? MENTIONS_GATE.test(text) : false,
    )
  )
    findings.advice(
      'gate-exposed',
      leads,
      'The gate’s endpoints can be reached through the portal’s host.',
      'Write `acl gate_path path,url_dec -m reg -i ^/+api/+(authz|verify)` and `http-request return status 404 if portal gate_path`.',
    )
}

/** The names that the acls of a condition list. */
function hostsOf({ lines }: Section, condition: string): readonly string[] {
  const named = new Set(condition.split(/[\s|]+/))
  return lines
    .filter(({ words }) => words[0] === 'acl' && named.has(words[1] ?? ''))
    .flatMap(({ words }) => words.slice(3).filter((word) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(word)))
}

/** Of these hosts, those that a condition's acls fit, by name or by a regular expression. */
function coveredBy(section: Section, condition: string, hosts: readonly string[]): readonly string[] {
  const named = new Set(condition.replaceAll('!', '').split(/[\s|]+/))
  const acls = section.lines.filter(({ words }) => words[0] === 'acl' && named.has(words[1] ?? ''))
  return hosts.filter((host) =>
    acls.some(({ words }) => words.slice(3).some((word) => fitsHost(word, host, words.includes('reg')))),
  )
}

function fitsHost(word: string, host: string, isExpression: boolean): boolean {
  if (!isExpression) return word.toLowerCase() === host.toLowerCase()
  if (word.startsWith('-') || word === 'reg') return false
  try {
    return new RegExp(word.replace(/\(\?i\)/g, ''), 'i').test(host)
  } catch {
    return false
  }
}

function checkCookie(
  questions: readonly Question[],
  section: Section,
  lines: readonly HaproxyLine[],
  ours: readonly Script[],
  loaded: readonly Source[],
  findings: Findings,
): void {
  const [question] = questions
  const removed = lines.some(
    ({ words }) =>
      words[0] === 'http-request' &&
      /^(?:del|replace|set)-(?:header|value)$/.test(words[1] ?? '') &&
      /^cookie$/i.test(words[2] ?? ''),
  )
  const mayBe = loaded.length === 0 && section.lines.length > 0 && question?.kind === 'own'
  if (question && !removed && !mayBe && !ours.some(({ removesCookie }) => removesCookie))
    findings.advice(
      'session-cookie-passed-on',
      question.line,
      'The application gets the session cookie.',
      'Use the script of `latchkey proxy haproxy`, which takes it out.',
    )
}
