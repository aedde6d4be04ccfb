// The well-known mistakes in Envoy's static configuration with ext_authz.
import type { Node } from '../../yaml/node.ts'
import { checkManager } from './envoy-manager.ts'
import type { Findings, Place } from './finding.ts'
import { checkGateAddress, IDENTITY_HEADERS, missingOf } from './identity.ts'
import type { Source } from './source.ts'
import { everyMap, get, isTrue, itemsOf, placeOf, readDocuments, textOf } from './yaml-tree.ts'

export function checkEnvoy(given: readonly Source[], findings: Findings): void {
  const maps = given.flatMap(readDocuments).flatMap(everyMap)
  const typed = (map: Node, type: string): boolean => (textOf(get(map, '@type')) ?? '').endsWith(`.${type}`)
  const filters = maps.filter((map) => typed(map, 'ExtAuthz'))
  if (filters.length === 0)
    findings.mistake(
      'no-gate',
      { file: given[0]?.path ?? '', line: 1 },
      'No filter asks Latchkey: there is no ext_authz.',
      'Write the filter as `latchkey proxy envoy` shows.',
    )
  for (const filter of filters) {
    checkFailure(filter, findings)
    checkQuestion(filter, maps, findings)
    checkAnswer(filter, findings)
  }
  // One configuration that several listeners share counts once: the findings know their places.
  for (const manager of maps.filter((map) => typed(map, 'HttpConnectionManager'))) {
    const own = everyMap(manager)
    const asking = own.find((map) => typed(map, 'ExtAuthz'))
    if (asking) checkManager(manager, own, textOf(get(asking, 'http_service', 'server_uri', 'cluster')) ?? '', findings)
  }
}

const at = (node: Node | undefined, otherwise: Node): Place => placeOf(node ?? otherwise)

function checkFailure(filter: Node, findings: Findings): void {
  const open = get(filter, 'failure_mode_allow')
  if (isTrue(open))
    findings.mistake(
      'fails-open',
      at(open, filter),
      'failure_mode_allow is true.',
      'Write `failure_mode_allow: false`.',
    )
  if (!get(filter, 'http_service'))
    findings.mistake(
      'no-gate',
      placeOf(filter),
      'ext_authz has no http_service: Latchkey is asked by HTTP, not gRPC.',
      'Write `http_service` as `latchkey proxy envoy` shows.',
    )
}

/** Matchers of a `patterns` list; `covers` says whether one lets a name through. */
function matchersOf(list: Node | undefined): {
  readonly names: readonly string[]
  readonly covers: (name: string) => boolean
} {
  const items = itemsOf(get(list, 'patterns')).map((item) => ({
    exact: textOf(get(item, 'exact'))?.toLowerCase(),
    prefix: textOf(get(item, 'prefix'))?.toLowerCase(),
    other: get(item, 'safe_regex') ?? get(item, 'suffix') ?? get(item, 'contains'),
  }))
  return {
    names: items.flatMap(({ exact, prefix }) => exact ?? prefix ?? []),
    covers: (name) =>
      items.some(
        ({ exact, prefix, other }) =>
          exact === name || (prefix !== undefined && name.startsWith(prefix)) || other !== undefined,
      ),
  }
}

function checkQuestion(filter: Node, maps: readonly Node[], findings: Findings): void {
  const service = get(filter, 'http_service')
  if (!service) return
  const path = get(service, 'path_prefix')
  if (!/^\/api\/(?:authz\/ext-authz|verify)/.test(textOf(path) ?? ''))
    findings.mistake(
      'no-gate',
      at(path, service),
      `path_prefix ${textOf(path) ?? '(none)'} is no endpoint of the gate for Envoy.`,
      'Write `path_prefix: /api/authz/ext-authz/`.',
    )
  else if (textOf(path)?.endsWith('/ext-authz'))
    findings.mistake(
      'path-differs',
      at(path, service),
      'path_prefix has no slash at its end: //admin is judged as /admin.',
      'Write `path_prefix: /api/authz/ext-authz/`.',
    )
  const cluster = textOf(get(service, 'server_uri', 'cluster')) ?? ''
  for (const map of maps.filter(
    (map) =>
      textOf(get(map, 'name')) === cluster &&
      get(map, 'load_assignment') !== undefined &&
      !get(map, 'transport_socket'),
  ))
    for (const address of everyMap(map).filter((inner) => get(inner, 'port_value') !== undefined))
      checkGateAddress(findings, at(get(address, 'address'), address), 'http', textOf(get(address, 'address')) ?? '')
  const timeout = get(service, 'server_uri', 'timeout')
  const seconds = Number(/^([\d.]+)s$/.exec(textOf(timeout) ?? '')?.[1] ?? Number.NaN)
  if (seconds < 1)
    findings.mistake(
      'short-timeout',
      at(timeout, service),
      `Envoy waits ${textOf(timeout)} for an answer; checking a password may take longer.`,
      'Write `timeout: 10s`.',
    )

  const allowedNode = get(filter, 'allowed_headers') ?? get(service, 'authorization_request', 'allowed_headers')
  const allowed = matchersOf(allowedNode)
  const missing = missingOf(['cookie', 'accept'], allowed.covers)
  if (missing !== '')
    findings.mistake(
      'gate-request-headers',
      at(allowedNode, filter),
      `allowed_headers lacks ${missing}; what isn't listed doesn't reach the gate.`,
      'List cookie, authorization, proxy-authorization, accept, user-agent, x-requested-with, sec-fetch-mode and sec-websocket-key.',
    )
  const claimed = allowed.names.filter((name) => /^x-(?:forwarded|original)/.test(name) || name === 'x-' || name === '')
  if (claimed.length > 0)
    findings.mistake(
      'client-forwarded-headers',
      at(allowedNode, filter),
      `allowed_headers hands the client's ${claimed.join(', ')} to the gate.`,
      'Take it away; headers_to_add says it truly.',
    )
  const upgrades = allowed.names.filter((name) => name === 'upgrade' || name === 'connection')
  if (upgrades.length > 0)
    findings.mistake(
      'websocket-to-gate',
      at(allowedNode, filter),
      `allowed_headers hands ${upgrades.join(' and ')} to the gate.`,
      'Take it away.',
    )
  checkAdded(service, findings)
}

function checkAdded(service: Node, findings: Findings): void {
  const list = get(service, 'authorization_request', 'headers_to_add')
  const added = new Map(itemsOf(list).map((item) => [textOf(get(item, 'key'))?.toLowerCase(), item] as const))
  const proto = added.get('x-forwarded-proto')
  const value = textOf(get(proto, 'value')) ?? ''
  if (!proto)
    findings.mistake(
      'wrong-scheme',
      at(list, service),
      'The question doesn’t say the scheme.',
      'Add `{ key: X-Forwarded-Proto, value: https }` to headers_to_add.',
    )
  else if (/%REQ\(/i.test(value))
    findings.mistake(
      'wrong-scheme',
      placeOf(proto),
      `X-Forwarded-Proto is ${value}: the client's own word.`,
      'Write `value: https`.',
    )
  else if (value === 'http')
    findings.mistake(
      'wrong-scheme',
      placeOf(proto),
      'X-Forwarded-Proto says http, whatever the visitor used.',
      'Write `value: https`.',
    )
  const address = added.get('x-forwarded-for')
  const from = textOf(get(address, 'value')) ?? ''
  if (!address)
    findings.mistake(
      'client-address-missing',
      at(list, service),
      'The question doesn’t say who asks: no X-Forwarded-For.',
      'Add `{ key: X-Forwarded-For, value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%" }` to headers_to_add.',
    )
  else if (/%REQ\(/i.test(from))
    findings.mistake(
      'client-forwarded-headers',
      placeOf(address),
      `X-Forwarded-For is ${from}: the client's own word.`,
      'Write `value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"`.',
    )
}

function checkAnswer(filter: Node, findings: Findings): void {
  const response = get(filter, 'http_service', 'authorization_response')
  const handedOn = get(response, 'allowed_upstream_headers')
  const missing = missingOf(IDENTITY_HEADERS, (name) => matchersOf(handedOn).covers(name.toLowerCase()))
  if (missing !== '')
    findings.mistake(
      'identity-missing',
      at(handedOn ?? response, filter),
      `allowed_upstream_headers lacks ${missing}.`,
      'List remote-user, remote-groups, remote-name and remote-email.',
    )
  const appended = get(response, 'allowed_upstream_headers_to_append')
  if (IDENTITY_HEADERS.some((name) => matchersOf(appended).covers(name.toLowerCase())))
    findings.mistake(
      'identity-not-stripped',
      at(appended, filter),
      'Identity is appended behind what the client sent.',
      'Use allowed_upstream_headers, which replaces.',
    )
  if (!get(filter, 'status_on_error'))
    findings.advice(
      'fails-open',
      placeOf(filter),
      'While Latchkey is down Envoy answers 403, which reads like a decision (it stays closed).',
      'Write `status_on_error: { code: ServiceUnavailable }`.',
    )
}
