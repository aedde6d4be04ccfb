// The well-known mistakes in nginx's set-ups with auth_request.
import type { Findings } from './finding.ts'
import { checkGateAddress, GATE_PATH, IDENTITY_HEADERS, MENTIONS_GATE, missingOf, originOf } from './identity.ts'
import { checkNginxGate } from './nginx-gate.ts'
import { effective, hasUnread, headersOf, resolve, type Scope, scopeOf, settingOf, variablesOf } from './nginx-scope.ts'
import { type Directive, everyDirective, type Located, readNginx } from './nginx-tree.ts'
import { type Source, Sources } from './source.ts'

export function checkNginx(given: readonly Source[], findings: Findings): void {
  const top = readNginx(new Sources(given, ['/etc/nginx']))
  const all = everyDirective(top)
  /** Where a block hands requests on to, its variables put in. */
  const pass = (place: Located): string => {
    const written = place.directive.block?.find(({ name }) => name === 'proxy_pass')?.args[0] ?? ''
    return written.includes('$') ? resolve(written, variablesOf(scopeOf(place, top))) : written
  }
  const locations = all.filter(({ directive }) => directive.name === 'location')
  const asked = new Set(
    all.filter(({ directive }) => directive.name === 'auth_request').map(({ directive }) => directive.args[0]),
  )
  const isGate = (place: Located): boolean => {
    const { args, block } = place.directive
    if (!GATE_PATH.test(pass(place))) return false
    return (
      asked.has(args.at(-1)) ||
      block?.some(({ name }) => name === 'internal') === true ||
      (asked.size === 0 && args[0] === '=')
    )
  }
  const gates = locations.filter(isGate)
  for (const { directive } of all)
    if (directive.unread)
      findings.advice(
        'unread',
        directive,
        `The include ${directive.args[0]} could not be read.`,
        'Check it together with this file: give it with another --check.',
      )

  checkClientCopies(all, findings)
  for (const gate of gates) checkNginxGate(scopeOf(gate, top), pass(gate), findings)
  const upstreams = new Map(
    all
      .filter(({ directive }) => directive.name === 'upstream')
      .map(({ directive }) => [directive.args[0] ?? '', directive]),
  )
  for (const gate of gates) checkAddress(gate.directive, pass(gate), upstreams, findings)

  const gateHosts = new Set(gates.map((gate) => originOf(pass(gate)).authority))
  const handsOn = all.filter(
    ({ directive }) =>
      directive.block?.some(({ name }) => name === 'proxy_pass') && ['location', 'if'].includes(directive.name),
  )
  const asks = (scope: Scope): boolean => {
    const target = settingOf(scope, 'auth_request')?.args[0]
    return target !== undefined && target !== 'off'
  }
  // Beside a location that asks, one that doesn't has the application's users: its identity headers matter as much.
  const besideAsking = ({ around }: Located): boolean =>
    everyDirective(around.findLast(({ name }) => name === 'server')?.block ?? []).some(
      ({ directive }) => directive.name === 'auth_request',
    )
  let protectedOnes = 0
  let others = 0
  for (const place of handsOn) {
    const scope = scopeOf(place, top)
    if (isGate(place)) continue
    const target = pass(place)
    if (gateHosts.has(originOf(target).authority)) {
      checkPortal(place, scope, asks(scope), GATE_PATH.test(target), findings)
      continue
    }
    others++
    if (asks(scope)) {
      protectedOnes++
      checkProtected(place.directive, scope, findings)
    } else if (settingOf(scope, 'auth_request')?.args[0] === 'off' || besideAsking(place)) {
      checkIdentity(place.directive, scope, findings)
    }
  }
  if (asked.size > 0 && protectedOnes === 0)
    for (const snippet of snippets(all)) checkProtected(snippet, { location: snippet, levels: [top] }, findings)
  const unread = all.some(({ directive }) => directive.unread)
  const first = all[0]?.directive ?? { file: given[0]?.path ?? '', line: 1 }
  if (asked.size === 0 && (gates.length === 0 || others > 0) && !unread)
    findings.mistake(
      'no-gate',
      first,
      'No location asks Latchkey: there is no auth_request.',
      'Protect each application as `latchkey proxy nginx` shows.',
    )
}

/** Top-level `auth_request`: a file that is included in locations of files that weren't given. */
const snippets = (all: readonly Located[]): readonly Directive[] =>
  all
    .filter(
      ({ directive, around }) =>
        directive.name === 'auth_request' && around.length === 0 && directive.args[0] !== 'off',
    )
    .map(({ directive }) => directive)

function checkAddress(
  gate: Directive,
  url: string,
  upstreams: ReadonlyMap<string, Directive>,
  findings: Findings,
): void {
  const { scheme, host, authority } = originOf(url)
  const servers = upstreams.get(authority)?.block?.filter(({ name }) => name === 'server')
  if (servers === undefined)
    checkGateAddress(findings, gate.block?.find(({ name }) => name === 'proxy_pass') ?? gate, scheme, host)
  for (const server of servers ?? []) checkGateAddress(findings, server, scheme, originOf(server.args[0] ?? '').host)
}

function checkProtected(at: Directive, scope: Scope, findings: Findings): void {
  const sure = !hasUnread(scope)
  const pages = effective(scope, 'error_page').filter(({ args }) => args.slice(0, -1).includes('401'))
  const [page] = pages
  if (!page && sure)
    findings.mistake(
      'no-sign-in',
      at,
      'auth_request without error_page 401.',
      'Write `error_page 401 = @latchkey_sign_in;` and that location as `latchkey proxy nginx` shows.',
    )
  if (page?.args.some((word) => /^=30\d$/.test(word)) && /^\$/.test(page.args.at(-1) ?? ''))
    findings.advice(
      'sign-in-redirect',
      page,
      `error_page ${page.args.join(' ')} redirects everybody, scripts too.`,
      'Use a named location that redirects pages and answers 401 to scripts, as `latchkey proxy nginx` shows.',
    )
  checkIdentity(at, scope, findings)
  if (sure && !headersOf(scope).has('cookie'))
    findings.advice(
      'session-cookie-passed-on',
      at,
      'The application gets the session cookie.',
      'Take it out with the maps that `latchkey proxy nginx` shows, and `proxy_set_header Cookie $latchkey_cookie;`.',
    )
}

function checkIdentity(at: Directive, scope: Scope, findings: Findings): void {
  const headers = headersOf(scope)
  for (const name of IDENTITY_HEADERS) {
    const header = headers.get(name.toLowerCase())
    if (header && /\$\{?http_/i.test(header.value))
      findings.mistake(
        'identity-not-stripped',
        header.directive,
        `${name} is what the client sent: ${header.value}.`,
        `Set it from the answer: \`auth_request_set $user $upstream_http_remote_user;\`.`,
      )
  }
  const missing = missingOf(IDENTITY_HEADERS, (name) => headers.has(name.toLowerCase()))
  if (missing !== '' && !hasUnread(scope) && !clearedByModule(scope))
    findings.mistake(
      'identity-not-stripped',
      at,
      `${missing} of the client reaches the application: it isn't set here.`,
      'Set all four in this location, also where they are empty: `proxy_set_header Remote-User $latchkey_user;`. A location with a proxy_set_header of its own inherits none.',
    )
}

/** headers-more: `more_clear_input_headers Remote-User …`. */
const clearedByModule = (scope: Scope): boolean => {
  const words = effective(scope, 'more_clear_input_headers').flatMap(({ args }) =>
    args.join(' ').toLowerCase().split(/\s+/),
  )
  return words.includes('remote-*') || IDENTITY_HEADERS.every((name) => words.includes(name.toLowerCase()))
}

function checkClientCopies(all: readonly Located[], findings: Findings): void {
  for (const { directive } of all) {
    if (directive.name === 'underscores_in_headers' && directive.args[0] === 'on')
      findings.mistake(
        'underscore-headers',
        directive,
        'underscores_in_headers is on: Remote_User of a client reaches the application.',
        'Leave it off, which is nginx’s default.',
      )
    if (directive.name !== 'proxy_set_header') continue
    const [name = '', value = ''] = directive.args
    const isForwarded = /^x-(?:forwarded-|original-)/i.test(name)
    if (isForwarded && /\$\{?http_(?:x_forwarded|x_original|forwarded)/i.test(value))
      findings.mistake(
        'client-forwarded-headers',
        directive,
        `${name} is what the client says: ${value}.`,
        'Use what nginx sees itself: $scheme, $host, $request_uri, $remote_addr. Behind another proxy: set_real_ip_from with its address.',
      )
    if (/^x-forwarded-host$/i.test(name) && /\$\{?http_host/.test(value))
      findings.advice(
        'wrong-host',
        directive,
        `${name} is ${value}: with an absolute request line nginx routes by another name.`,
        'Use $host, and the port if it isn’t 443.',
      )
  }
}

function checkPortal(place: Located, scope: Scope, asks: boolean, handsGateOn: boolean, findings: Findings): void {
  const at = place.directive
  if (asks) {
    const line = settingOf(scope, 'auth_request') ?? at
    findings.mistake(
      'portal-behind-gate',
      line,
      'The portal itself is behind auth_request.',
      'Give the portal a server block of its own, without auth_request.',
    )
  }
  const server = place.around.findLast(({ name }) => name === 'server')
  if (handsGateOn) {
    findings.advice(
      'gate-exposed',
      at,
      'This location hands the gate’s endpoints to everybody.',
      'Take it away, and write `location ~* ^/+api/+(authz|verify) { return 404; }` in the portal’s server block.',
    )
  } else if (
    server &&
    !server.block?.some(({ name, args }) => name === 'location' && MENTIONS_GATE.test(args.join(' '))) &&
    !hasUnread(scope)
  ) {
    findings.advice(
      'gate-exposed',
      server,
      'The gate’s endpoints can be reached through the portal’s host.',
      'Write `location ~* ^/+api/+(authz|verify) { return 404; }` in its server block.',
    )
  }
}
