// The location through which nginx asks: every header the gate believes, set here and from what nginx itself knows.
import type { Findings } from './finding.ts'
import { adviseOnCertificate, originOf } from './identity.ts'
import { hasUnread, headersOf, type Scope, type SetHeader, settingOf } from './nginx-scope.ts'

export function checkNginxGate(scope: Scope, url: string, findings: Findings): void {
  const at = scope.location
  const sure = !hasUnread(scope)
  const headers = headersOf(scope)
  const missing = (name: string): boolean => sure && !headers.has(name.toLowerCase())

  if (url.includes('/forward-auth')) {
    for (const name of ['X-Forwarded-Method', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-URI'])
      if (missing(name))
        findings.mistake(
          'client-forwarded-headers',
          at,
          `${name} isn't set where nginx asks, so the client's own is judged.`,
          'Set it here, or ask /api/authz/auth-request with X-Original-URL and X-Original-Method.',
        )
  } else {
    // The older endpoint takes the address from X-Forwarded-* as well.
    const older =
      url.includes('/api/verify') && ['proto', 'host', 'uri'].every((part) => headers.has(`x-forwarded-${part}`))
    if (missing('X-Original-URL') && !older)
      findings.mistake(
        'original-url-missing',
        at,
        'X-Original-URL isn’t set where nginx asks.',
        'Write `proxy_set_header X-Original-URL $scheme://$host$request_uri;`, with the port where it isn’t 443.',
      )
    if (missing('X-Original-Method') && !(url.includes('/api/verify') && headers.has('x-forwarded-method')))
      findings.mistake(
        'original-method-missing',
        at,
        'X-Original-Method isn’t set where nginx asks.',
        'Write `proxy_set_header X-Original-Method $request_method;`.',
      )
    const original = headers.get('x-original-url')
    if (original) checkOriginalUrl(original, findings)
  }
  if (missing('X-Forwarded-For'))
    findings.mistake(
      'client-forwarded-headers',
      at,
      'X-Forwarded-For isn’t set where nginx asks, so a client names its own address.',
      'Write `proxy_set_header X-Forwarded-For $remote_addr;`.',
    )
  checkBody(scope, headers, sure, findings)
  checkAnswer(scope, url, sure, findings)
}

function checkOriginalUrl({ value, directive }: SetHeader, findings: Findings): void {
  if (/\$\{?http_host/.test(value))
    findings.mistake(
      'wrong-host',
      directive,
      `X-Original-URL is built from $http_host: with an absolute request line nginx routes by another name.`,
      'Use $host, the name that nginx routes by, and the port where it isn’t 443.',
    )
  if (!/\$\{?request_uri/.test(value))
    findings.mistake(
      'query-absent',
      directive,
      `X-Original-URL (${value}) doesn't hold $request_uri: path as sent and query are missing.`,
      'End it with $request_uri; $uri is decoded and has no query.',
    )
  if (/^http:/.test(value))
    findings.mistake(
      'wrong-scheme',
      directive,
      'X-Original-URL says http, whatever the visitor used.',
      'Begin it with $scheme://.',
    )
}

function checkBody(scope: Scope, headers: ReadonlyMap<string, SetHeader>, sure: boolean, findings: Findings): void {
  const body = settingOf(scope, 'proxy_pass_request_body')
  if (sure && body?.args[0] !== 'off')
    findings.mistake(
      'body-to-gate',
      body ?? scope.location,
      'The question carries the body of the request.',
      'Write `proxy_pass_request_body off;` and `proxy_set_header Content-Length "";`.',
    )
  else if (sure && headers.get('content-length')?.value !== '')
    findings.mistake(
      'body-to-gate',
      scope.location,
      'The question announces a body that isn’t sent: Content-Length isn’t emptied.',
      'Write `proxy_set_header Content-Length "";`.',
    )
  const upgrade = headers.get('upgrade')
  if (upgrade && upgrade.value !== '')
    findings.mistake(
      'websocket-to-gate',
      upgrade.directive,
      'The question hands the Upgrade of a WebSocket to the gate.',
      'Leave Upgrade away here and write `proxy_set_header Connection "";`; it belongs where the application is.',
    )
  const connection = headers.get('connection')
  if (connection && /upgrade/i.test(connection.value))
    findings.mistake(
      'websocket-to-gate',
      connection.directive,
      `The question's Connection is ${connection.value}.`,
      'Write `proxy_set_header Connection "";` here.',
    )
}

function checkAnswer(scope: Scope, url: string, sure: boolean, findings: Findings): void {
  const at = scope.location
  if (sure && !at.block?.some(({ name }) => name === 'internal'))
    findings.mistake(
      'gate-exposed',
      at,
      `The location ${at.args.join(' ')} can be asked from outside.`,
      'Write `internal;` in it.',
    )
  const pass = at.block?.find(({ name }) => name === 'proxy_pass')
  if (pass && /\$\{?(?:args|is_args|query_string|request_uri)|\?.*\$/.test(`${pass.args[0]} ${url}`))
    findings.mistake(
      'query-passed-on',
      pass,
      'The visitor’s query is handed to the gate as its own.',
      'Ask at the fixed path /api/authz/auth-request; the address goes into X-Original-URL.',
    )
  if (/^https:/.test(url) && settingOf(scope, 'proxy_ssl_verify')?.args[0] !== 'on' && sure)
    adviseOnCertificate(
      findings,
      pass ?? at,
      originOf(url).host,
      'nginx does so only when told',
      'Write `proxy_ssl_verify on;`, `proxy_ssl_trusted_certificate` and `proxy_ssl_name`, as `latchkey proxy nginx` shows.',
    )
  const cache = settingOf(scope, 'proxy_cache')
  if (cache && cache.args[0] !== 'off')
    findings.mistake(
      'gate-cached',
      cache,
      'The gate’s answers are cached.',
      'Take proxy_cache away, or write `proxy_cache off;` here.',
    )
  const size = settingOf(scope, 'proxy_buffer_size')
  if (size && bytes(size.args[0] ?? '') < 8 * 1024)
    findings.mistake(
      'buffers-small',
      size,
      `The answer's headers must fit in ${size.args[0]}.`,
      'Write `proxy_buffer_size 32k; proxy_buffers 4 32k; proxy_busy_buffers_size 64k;`.',
    )
  else if (!size && sure)
    findings.advice(
      'buffers-small',
      at,
      'The answer’s headers must fit in nginx’s default of 4 or 8 kB.',
      'Write `proxy_buffer_size 32k; proxy_buffers 4 32k; proxy_busy_buffers_size 64k;`.',
    )
}

/** nginx's sizes: 4096, 8k, 1m. */
function bytes(text: string): number {
  const [, number = '0', unit = ''] = /^(\d+)([km]?)$/i.exec(text) ?? []
  return Number(number) * ({ k: 1024, m: 1024 * 1024 }[unit.toLowerCase()] ?? 1)
}
