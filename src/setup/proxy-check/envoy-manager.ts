// The connection manager around Envoy's question: what it takes away from clients, how it reads paths, and who is not asked.
import type { Node } from '../../yaml/node.ts'
import type { Findings, Place } from './finding.ts'
import { IDENTITY_HEADERS, MENTIONS_GATE, missingOf } from './identity.ts'
import { entriesOf, everyMap, get, isTrue, itemsOf, placeOf, textOf } from './yaml-tree.ts'

const at = (node: Node | undefined, otherwise: Node): Place => placeOf(node ?? otherwise)

/** @param own every map within the manager */
export function checkManager(manager: Node, own: readonly Node[], gateCluster: string, findings: Findings): void {
  const here = placeOf(manager)
  if (!isTrue(get(manager, 'use_remote_address')))
    findings.mistake(
      'client-forwarded-headers',
      at(get(manager, 'use_remote_address'), manager),
      'Without use_remote_address Envoy believes the client’s X-Forwarded-For and -Proto.',
      'Write `use_remote_address: true`.',
    )
  const underscores = get(manager, 'common_http_protocol_options', 'headers_with_underscores_action')
  if (!/^(?:DROP_HEADER|REJECT_REQUEST)$/.test(textOf(underscores) ?? ''))
    findings.mistake(
      'underscore-headers',
      at(underscores, manager),
      'Remote_User and its like of the client reach the application.',
      'Write `common_http_protocol_options: { headers_with_underscores_action: DROP_HEADER }`.',
    )
  const extensions = get(manager, 'early_header_mutation_extensions')
  const early = extensions ? everyMap(extensions).filter((map) => get(map, 'mutations')) : []
  const removed = early
    .flatMap((map) => itemsOf(get(map, 'mutations')))
    .flatMap((item) => {
      const matcher = get(item, 'remove_on_match', 'key_matcher')
      const prefix = textOf(get(matcher, 'prefix'))
      const exact = textOf(get(matcher, 'exact')) ?? textOf(get(item, 'remove'))
      return prefix !== undefined ? [`${prefix.toLowerCase()}*`] : exact !== undefined ? [exact.toLowerCase()] : []
    })
  const missing = missingOf(IDENTITY_HEADERS, (name) =>
    removed.some((gone) =>
      gone.endsWith('*') ? name.toLowerCase().startsWith(gone.slice(0, -1)) : gone === name.toLowerCase(),
    ),
  )
  if (missing !== '')
    findings.mistake(
      'identity-not-stripped',
      at(extensions, manager),
      `${missing} of the client is removed by Latchkey's answer only: routes that aren't asked about hand it on.`,
      'Remove it by early_header_mutation_extensions, as `latchkey proxy envoy` shows.',
    )
  for (const map of own)
    for (const { key, value } of entriesOf(map))
      if (key === 'request_headers_to_remove' && itemsOf(value).some((item) => /^remote-/i.test(textOf(item) ?? '')))
        findings.mistake(
          'identity-removed',
          placeOf(value),
          'request_headers_to_remove runs after ext_authz and takes away the true identity.',
          'Use early_header_mutation_extensions, which runs before.',
        )
  if (
    !isTrue(get(manager, 'normalize_path')) ||
    !isTrue(get(manager, 'merge_slashes')) ||
    !get(manager, 'path_with_escaped_slashes_action')
  )
    findings.advice(
      'path-differs',
      here,
      'Paths go on as the client spelled them.',
      'Write `normalize_path: true`, `merge_slashes: true` and `path_with_escaped_slashes_action: REJECT_REQUEST`.',
    )
  if (!get(manager, 'upgrade_configs'))
    findings.advice(
      'websocket-missing',
      here,
      'Every WebSocket is answered 403: there are no upgrade_configs.',
      'Write `upgrade_configs: [{ upgrade_type: websocket }]`.',
    )
  const cookie = own.some((map) =>
    entriesOf(map).some(
      ({ value }) => /cookie/i.test(textOf(value) ?? '') && /function envoy_on_request/.test(textOf(value) ?? ''),
    ),
  )
  if (!cookie)
    findings.advice(
      'session-cookie-passed-on',
      here,
      'The application gets the session cookie.',
      'Take it out with the Lua filter that `latchkey proxy envoy` shows.',
    )
  checkPortal(manager, gateCluster, findings)
}

function checkPortal(manager: Node, gateCluster: string, findings: Findings): void {
  for (const host of itemsOf(get(manager, 'route_config', 'virtual_hosts'))) {
    const routes = itemsOf(get(host, 'routes'))
    for (const route of routes.filter((route) => textOf(get(route, 'route', 'cluster')) === gateCluster)) {
      const off = [host, route].some((node) =>
        entriesOf(get(node, 'typed_per_filter_config')).some(({ value }) => isTrue(get(value, 'disabled'))),
      )
      if (!off)
        findings.mistake(
          'portal-behind-gate',
          placeOf(route),
          `The virtual host ${textOf(get(host, 'name'))} of the portal is asked about too.`,
          'Write ExtAuthzPerRoute with `disabled: true` into its typed_per_filter_config.',
        )
      const answered = routes.some((other) =>
        everyMap(other).some((map) => entriesOf(map).some(({ value }) => MENTIONS_GATE.test(textOf(value) ?? ''))),
      )
      if (!answered)
        findings.advice(
          'gate-exposed',
          placeOf(host),
          'The gate’s endpoints can be reached through the portal’s host.',
          "Write a route before it: `match: { safe_regex: { regex: '(?i)/+api/+(authz|verify).*' } }` with `direct_response: { status: 404 }`.",
        )
    }
  }
}
