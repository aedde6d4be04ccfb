// Ext-authz over HTTP: Envoy asks with the visitor's own method, Host, path and query, the path behind the endpoint's. Neither X-Original-* nor
// X-Forwarded-{Host,Uri,Method} are looked at.
import { contradiction } from '../forwarded/contradiction.ts'
import type { LineName } from '../forwarded/header-lines.ts'
import { isMalformed, malformed } from '../forwarded/malformed.ts'
import { isMethod } from '../forwarded/method.ts'
import { targetOf } from '../forwarded/target.ts'
import { forwardAuth } from './forward-auth.ts'
import type { Protocol } from './protocol.ts'

const BELIEVED: readonly LineName[] = ['host', 'forwardedProto', 'portalUrl']

export const extAuthz: Protocol = {
  takesRest: true,
  methods: undefined,
  usesConfiguredPortal: true,
  malformedStatus: 400,

  read({ lines, method, rest, endpointPath }) {
    const doubt = contradiction(lines, BELIEVED)
    if (doubt) return doubt
    const { host, forwardedProto: proto } = lines
    if (!proto || !host) return malformed('target-missing')
    if (!isMethod(method)) return malformed('method')
    // A path_prefix without its last slash makes this of the root. Nobody but Envoy asks it, so others get what Authelia answers.
    const isBareSlash = rest === '/' && lines.envoyTimeout === undefined
    const target = targetOf(proto, host.toLowerCase(), uriOf(rest))
    if (isMalformed(target)) return target
    if (isBareSlash) return { kind: 'elsewhere', location: `http://${host.toLowerCase()}${endpointPath}` }
    return { target, method, portalUrl: lines.portalUrl, demandsBasic: false, lines }
  },

  write(response, answer, question) {
    if (answer.kind !== 'allow') return forwardAuth.write(response, answer, question)
    answer.identity.envoy.send(response)
  },
}

/**
 * Envoy joins its prefix, which ends in a slash or doesn't, with a path that begins with one. Which of the two it is can't be seen here: without the
 * slash a visitor's `//x` is judged as `/x`. `latchkey proxy envoy --check` finds that, and our set-up has the slash.
 */
const uriOf = (rest: string): string => (rest.startsWith('//') ? rest.slice(1) : rest)
