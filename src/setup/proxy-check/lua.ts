// The scripts through which HAProxy and Apache ask: what they say to the gate, take from the client and do with the answer. Read as text, line by line.
import type { Findings, Place } from './finding.ts'
import { checkGateAddress, IDENTITY_HEADERS, originOf } from './identity.ts'
import type { Source } from './source.ts'

export interface Script {
  readonly source: Source
  /** What stands between quotes and looks like the gate's address; '' when that is handed in. */
  readonly gateUrl: string
  /** Removes the four identity headers of the client, or sets all four always. */
  readonly stripsIdentity: boolean
  /** And those spelled with underscores. */
  readonly stripsUnderscored: boolean
  readonly removesCookie: boolean
}

/** Comments blanked out, lines kept. */
const withoutComments = (text: string): string =>
  text.replace(/--\[\[[\s\S]*?\]\]/g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/--[^\n]*/g, '')

export function readScript(source: Source): Script {
  const text = withoutComments(source.text)
  const lower = text.toLowerCase()
  const namesAll = IDENTITY_HEADERS.every(
    (name) => lower.includes(`"${name.toLowerCase()}"`) || lower.includes(`'${name.toLowerCase()}'`),
  )
  return {
    source,
    gateUrl: /["'](https?:\/\/[^"']*\/api\/(?:authz|verify)[^"']*)["']/.exec(text)?.[1] ?? '',
    // HAProxy deletes; in Apache an assignment for each name replaces, with nothing as well.
    stripsIdentity: namesAll && (/req_del_header\(\s*(?!["']cookie)/i.test(text) || /headers_in\[\w+\]\s*=/.test(text)),
    stripsUnderscored: /gsub\(\s*["'](?:_|%-)["']/.test(text),
    removesCookie: /req_del_header\(\s*["']cookie["']|headers_in\[\s*["']cookie["']\s*\]\s*=/i.test(text),
  }
}

export function checkScript({ source, gateUrl }: Script, findings: Findings): void {
  const text = withoutComments(source.text)
  const lower = text.toLowerCase()
  const lines = text.split('\n')
  const place = (pattern: RegExp): Place => ({
    file: source.path,
    line:
      Math.max(
        0,
        lines.findIndex((line) => pattern.test(line)),
      ) + 1,
  })
  const request = place(/httpclient|http\.request|:get\(/i)
  if (gateUrl !== '') {
    const { scheme, host } = originOf(gateUrl)
    checkGateAddress(findings, place(/https?:\/\//), scheme, host)
    if (gateUrl.includes('?'))
      findings.mistake(
        'query-passed-on',
        place(/https?:\/\//),
        'The question’s address has a query.',
        'Ask at /api/authz/forward-auth, nothing behind it.',
      )
  }
  const says = (name: string): boolean => lower.includes(`"${name}"`) || lower.includes(`'${name}'`)
  if (!says('x-forwarded-method'))
    findings.mistake(
      'original-method-missing',
      request,
      'The script doesn’t say the method.',
      'Set X-Forwarded-Method as the script of `latchkey proxy` does.',
    )
  for (const [name, title] of [
    ['x-forwarded-uri', 'path'],
    ['x-forwarded-host', 'host'],
    ['x-forwarded-proto', 'scheme'],
  ] as const)
    if (!says(name))
      findings.mistake(
        'original-url-missing',
        request,
        `The script doesn't say the ${title}: no ${name}.`,
        'Set it as the script of `latchkey proxy` does.',
      )
  if (!says('x-forwarded-for'))
    findings.mistake(
      'client-address-missing',
      request,
      'The script doesn’t say who asks: no X-Forwarded-For.',
      'Set it as the script of `latchkey proxy` does.',
    )
  for (const [i, line] of lines.entries()) checkLine(line, { file: source.path, line: i + 1 }, findings)
}

function checkLine(line: string, at: Place, findings: Findings): void {
  if (
    /\[["']x-(?:forwarded|original)-\w+["']\]\s*=.*(?:headers_in|req_get_headers\(\)|request|req)\[["']x-/i.test(line)
  )
    findings.mistake(
      'client-forwarded-headers',
      at,
      'What the question says is what the client says.',
      'Use what the proxy sees itself, as the script of `latchkey proxy` does.',
    )
  if (/\[["']x-forwarded-proto["']\]\s*=\s*\{?\s*["']http["']\s*\}?\s*$/i.test(line))
    findings.mistake(
      'wrong-scheme',
      at,
      'The question says http, whatever the visitor used.',
      'Say https where the connection is encrypted.',
    )
  if (/\[["']x-forwarded-uri["']\]\s*=.*(?:sf:path\(\)|r\.uri\b)/i.test(line))
    findings.mistake(
      'query-absent',
      at,
      'The question’s path has no query, or is decoded.',
      'Use txn.sf:pathq() (HAProxy) or r.unparsed_uri (Apache).',
    )
  if (
    /\b(?:if|elseif)\b.*(?:status|code)\s*(?:~=\s*40[13]|<\s*[45]00)(?!.*(?:>=|==))[^\n]*$/.test(line) &&
    !/or\s/.test(line) &&
    /return\s+apache2\.OK|\bok\b\s*$/.test(line)
  )
    findings.mistake(
      'fails-open',
      at,
      'Whatever isn’t a refusal counts as yes.',
      'Let a request go on for status 200 only.',
    )
  if (/if\s+not\s+ok\b.*return\s+apache2\.(?:OK|DECLINED)/.test(line))
    findings.mistake('fails-open', at, 'No answer counts as yes.', 'Answer 503.')
  const handsOn = /ASK_WITH|SEND\b/.test(line) && /["'](?:upgrade|connection)["']/i.test(line)
  if (handsOn)
    findings.mistake(
      'websocket-to-gate',
      at,
      'The Upgrade of a WebSocket is handed to the gate.',
      'Take upgrade and connection out of the list.',
    )
}
