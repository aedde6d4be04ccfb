// The well-known mistakes in Varnish's set-ups: a question by restart, in plain VCL. Read statement by statement, not compiled.
import type { Findings, Place } from './finding.ts'
import { checkGateAddress, GATE_PATH, IDENTITY_HEADERS, MENTIONS_GATE, missingOf, underscored } from './identity.ts'
import type { Source } from './source.ts'

interface Statement extends Place {
  readonly text: string
}

export function checkVarnish(given: readonly Source[], findings: Findings): void {
  for (const source of given)
    if (!/^\s*(?:frontend|backend|pem-file)\s*=/m.test(source.text)) checkVcl(source, findings)
}

function checkVcl({ path, text }: Source, findings: Findings): void {
  const statements = statementsOf(path, text)
  const ask = statements.findIndex(
    (statement) => /set\s+req\.url\s*=/.test(statement.text) && GATE_PATH.test(statement.text),
  )
  const question = statements[ask]
  if (!question) {
    findings.mistake(
      'no-gate',
      { file: path, line: 1 },
      'Nothing asks Latchkey: no request is sent to one of the gate’s endpoints.',
      'Ask as `latchkey proxy varnish` shows.',
    )
    return
  }
  const before = statements.slice(0, ask)
  const unset = (name: string): boolean =>
    before.some((statement) => new RegExp(`unset\\s+req\\.http\\.${name}\\b`, 'i').test(statement.text))
  const missing = missingOf(IDENTITY_HEADERS, unset)
  if (missing !== '')
    findings.mistake(
      'identity-not-stripped',
      question,
      `${missing} of the client isn't removed before the question.`,
      'Write `unset req.http.Remote-User;` and the like before it.',
    )
  if (missingOf(IDENTITY_HEADERS.map(underscored), unset) !== '')
    findings.mistake(
      'underscore-headers',
      question,
      'Remote_User and its like of the client reach the application.',
      'Write `unset req.http.Remote_User;` and the like before the question.',
    )
  checkSaid(before, question, findings)
  if (question.text.includes('?') || /req\.url\s*=.*\+\s*req\.url/.test(question.text))
    findings.mistake(
      'query-passed-on',
      question,
      'The visitor’s address becomes part of the question.',
      'Ask at "/api/authz/forward-auth", nothing behind it.',
    )
  checkAnswer(statements, ask, findings)
  checkPortal(statements, ask, findings)
  const cookie = statements.some(
    (statement) => /(?:set|unset)\s+req\.http\.cookie\b/i.test(statement.text) && !/std\.collect/.test(statement.text),
  )
  if (!cookie)
    findings.advice(
      'session-cookie-passed-on',
      question,
      'The application gets the session cookie.',
      'Take it out with the `regsuball` lines that `latchkey proxy varnish` shows.',
    )
}

/** What stands between semicolons and braces; comments are blanked out, lines kept. */
function statementsOf(file: string, text: string): readonly Statement[] {
  const clean = text.replace(/"(?:[^"\n])*"|\/\*[\s\S]*?\*\/|\/\/[^\n]*|#[^\n]*/g, (part) =>
    part.startsWith('"') ? part : part.replace(/[^\n]/g, ' '),
  )
  const statements: Statement[] = []
  let line = 1
  // Strings hold semicolons and braces of regular expressions.
  for (const [part] of clean.matchAll(/(?:"[^"\n]*"|[^;{}"])+|[;{}]/g)) {
    const lead = part.length - part.trimStart().length
    const start = line + part.slice(0, lead).split('\n').length - 1
    if (part.trim() !== '' && part.trim() !== ';')
      statements.push({ file, line: start, text: part.trim().replace(/\s+/g, ' ') })
    line += part.split('\n').length - 1
  }
  return statements
}

function checkSaid(before: readonly Statement[], question: Statement, findings: Findings): void {
  const said = (name: string): Statement | undefined =>
    before.findLast((statement) => new RegExp(`set\\s+req\\.http\\.${name}\\s*=`, 'i').test(statement.text))
  if (!said('X-Forwarded-Method'))
    findings.mistake(
      'original-method-missing',
      question,
      'The question doesn’t say the method.',
      'Write `set req.http.X-Forwarded-Method = req.method;` before it.',
    )
  for (const [name, value] of [
    ['X-Forwarded-Uri', 'req.url'],
    ['X-Forwarded-Host', 'req.http.host'],
  ] as const)
    if (!said(name))
      findings.mistake(
        'original-url-missing',
        question,
        `The question doesn't say ${name}, so the client's own is judged.`,
        `Write \`set req.http.${name} = ${value};\` before it.`,
      )
  const proto = said('X-Forwarded-Proto')
  if (!proto)
    findings.mistake(
      'wrong-scheme',
      question,
      'The question doesn’t say the scheme, so the client’s own is judged.',
      'Write `set req.http.X-Forwarded-Proto = "https";` before it.',
    )
  else if (/=\s*"http"/.test(proto.text))
    findings.mistake('wrong-scheme', proto, 'X-Forwarded-Proto says http, whatever the visitor used.', 'Write "https".')
  const address = said('X-Forwarded-For')
  // Varnish appends the peer to what the client says.
  if (!address)
    findings.mistake(
      'client-forwarded-headers',
      question,
      'X-Forwarded-For isn’t set, so a client names its own address.',
      'Write `set req.http.X-Forwarded-For = client.ip;` before the question.',
    )
  else if (!/client\.ip|std\.ip|proxy\./.test(address.text))
    findings.mistake(
      'client-forwarded-headers',
      address,
      'X-Forwarded-For is what the client says.',
      'Write `set req.http.X-Forwarded-For = client.ip;`.',
    )
  const uri = said('X-Forwarded-Uri')
  if (uri && /regsub\(\s*req\.url\s*,\s*"\\?\\?\?/.test(uri.text))
    findings.mistake(
      'query-absent',
      uri,
      'The path goes to the gate without its query.',
      'Write `set req.http.X-Forwarded-Uri = req.url;`.',
    )
  for (const statement of before)
    if (
      /set\s+req\.http\.X-Forwarded-(?:Uri|Host|Proto|Method)\s*=\s*req\.http\.X-(?:Forwarded|Original)/i.test(
        statement.text,
      )
    )
      findings.mistake(
        'client-forwarded-headers',
        statement,
        `${statement.text}: what the client says is judged.`,
        'Use what Varnish sees itself: req.url, req.http.host, req.method.',
      )
}

function checkAnswer(statements: readonly Statement[], ask: number, findings: Findings): void {
  const restart = statements.find((statement) => /return\s*\(\s*restart\s*\)/.test(statement.text))
  const judged = statements.find((statement) => /^(?:else\s+)?if\b.*resp\.status/.test(statement.text))
  if (!restart)
    findings.mistake(
      'fails-open',
      statements[ask] as Statement,
      'No `return (restart)` leads from the answer to the application.',
      'Go on in vcl_deliver as `latchkey proxy varnish` shows.',
    )
  else if (!judged)
    findings.mistake(
      'fails-open',
      restart,
      'The request goes on whatever the answer is.',
      'Restart only `if (resp.status == 200)`.',
    )
  for (const statement of statements)
    if (
      /^(?:else\s+)?if\b/.test(statement.text) &&
      /resp\.status\s*(?:!=\s*40[13]|<\s*[345]00)/.test(statement.text) &&
      !/>=\s*200|==/.test(statement.text) &&
      leadsToRestart(statements, statement)
    )
      findings.mistake(
        'fails-open',
        statement,
        'More than a yes lets the request go on.',
        'Restart only `if (resp.status == 200)`.',
      )
  const copied = missingOf(IDENTITY_HEADERS, (name) =>
    statements.some((statement) =>
      new RegExp(`set\\s+req\\.http\\.${name}\\s*=\\s*resp\\.http\\.${name}`, 'i').test(statement.text),
    ),
  )
  if (copied !== '' && restart)
    findings.mistake(
      'identity-missing',
      restart,
      `${copied} of the answer isn't handed on.`,
      'Write `set req.http.Remote-User = resp.http.Remote-User;` and the like before the restart.',
    )
  for (const statement of statements)
    if (/return\s*\(\s*(?:hash|lookup)\s*\)/.test(statement.text))
      findings.mistake(
        'gate-cached',
        statement,
        'Answers are looked up in the cache: one person gets another’s page.',
        'Write `return (pass);`. If you cache, only what a bypass rule opens.',
      )
}

/** What the block of this `if` does first of the two. */
function leadsToRestart(statements: readonly Statement[], from: Statement): boolean {
  const block: string[] = []
  let depth = 0
  for (const { text } of statements.slice(statements.indexOf(from) + 1)) {
    if (text === '{') depth++
    else if (text === '}' && --depth === 0) break
    block.push(text)
  }
  return block.some((text) => /return\s*\(\s*restart\s*\)/.test(text))
}

function checkPortal(statements: readonly Statement[], ask: number, findings: Findings): void {
  const used = statements.slice(ask).find((statement) => /set\s+req\.backend_hint\s*=/.test(statement.text))
  const gate = /=\s*(\w+)/.exec(used?.text ?? '')?.[1]
  if (gate === undefined) return
  const declared = statements.findIndex((statement) => new RegExp(`^backend\\s+${gate}\\b`).test(statement.text))
  const host = statements.slice(declared).find((statement) => /^\.host\s*=/.test(statement.text))
  if (declared >= 0 && host) checkGateAddress(findings, host, 'http', /"([^"]*)"/.exec(host.text)?.[1] ?? '')
  const hints = statements.flatMap((statement, i) =>
    new RegExp(`set\\s+req\\.backend_hint\\s*=\\s*${gate}\\b`).test(statement.text) ? [i] : [],
  )
  const early = hints.find((i) => i < ask)
  const late = hints.find((i) => i > ask && statements[i] !== used)
  if (early === undefined && late !== undefined)
    findings.mistake(
      'portal-behind-gate',
      statements[late] as Statement,
      'The portal’s host is asked about like every other: it is handed on only after the question.',
      'Hand the portal’s host to Latchkey before the question, with `return (pass);`.',
    )
  if (early === undefined) return
  const passes = statements
    .slice(early, ask)
    .some((statement) => /return\s*\(\s*(?:pass|pipe)\s*\)/.test(statement.text))
  const next = statements.slice(early + 1).find((statement) => /^return\b|^\}$/.test(statement.text))
  if (!passes || next?.text === '}')
    findings.mistake(
      'portal-behind-gate',
      statements[early] as Statement,
      'The portal’s host goes on to the question.',
      'Write `return (pass);` behind `set req.backend_hint`.',
    )
  if (
    !statements.slice(0, ask).some((statement) => /req\.url/.test(statement.text) && MENTIONS_GATE.test(statement.text))
  )
    findings.advice(
      'gate-exposed',
      statements[early] as Statement,
      'The gate’s endpoints can be reached through the portal’s host.',
      'Write `if (req.url ~ "(?i)^/+api/+(authz|verify)") { return (synth(404)); }` for that host.',
    )
}
