// The one endpoint of old: X-Original-URL where it is sent, X-Forwarded-* otherwise. Where one signs in stands in `rd` or X-Authelia-URL only.
import { contradiction } from '../forwarded/contradiction.ts'
import type { HeaderLines, LineName } from '../forwarded/header-lines.ts'
import { parseHost } from '../forwarded/host.ts'
import { isMalformed, type Malformed, malformed } from '../forwarded/malformed.ts'
import { isMethod } from '../forwarded/method.ts'
import { targetOf, targetOfUrl } from '../forwarded/target.ts'
import type { Target } from '../policy/model.ts'
import { forwardAuth } from './forward-auth.ts'
import type { Protocol } from './protocol.ts'
import { queryValue } from './query-value.ts'

const FORWARDED: readonly LineName[] = ['forwardedProto', 'forwardedHost', 'forwardedUri']
const BELIEVED: readonly LineName[] = ['originalUrl', 'forwardedMethod', 'portalUrl', ...FORWARDED]

export const legacy: Protocol = {
  takesRest: true,
  methods: undefined,
  usesConfiguredPortal: false,
  malformedStatus: 401,

  read({ lines, method: ownMethod, rest }) {
    const doubt = contradiction(lines, BELIEVED)
    if (doubt) return doubt
    const method = lines.forwardedMethod || ownMethod
    if (!isMethod(method)) return malformed('method')
    const target = targetOfLines(lines)
    if (isMalformed(target)) return target
    const mark = rest.indexOf('?')
    const query = mark < 0 ? '' : rest.slice(mark + 1)
    return {
      target,
      method,
      portalUrl: queryValue(query, 'rd') ?? lines.portalUrl,
      demandsBasic: queryValue(query, 'auth') === 'basic',
      lines,
    }
  },

  write: forwardAuth.write,
}

/** A proxy that sends one family passes the other one on as the visitor wrote it, so two that differ are malformed. */
function targetOfLines(lines: HeaderLines): Target | Malformed {
  const { originalUrl, forwardedProto: proto, forwardedHost: host, forwardedUri: uri } = lines
  if (originalUrl === undefined)
    return !proto || !host || !uri ? malformed('target-missing') : targetOf(proto, host, uri)
  const target = targetOfUrl(originalUrl)
  if (isMalformed(target)) return target
  if (host && parseHost(host)?.name.toLowerCase() !== target.host.toLowerCase()) return malformed('repeated-header')
  const { path, query } = target
  if (uri && uri !== (query === undefined ? path : `${path}?${query}`)) return malformed('repeated-header')
  return target
}
