// Forward-auth: Traefik, Caddy, HAProxy, Apache and Varnish tell the visitor's request in X-Forwarded-*. X-Original-* is not looked at.
import { contradiction } from '../forwarded/contradiction.ts'
import type { LineName } from '../forwarded/header-lines.ts'
import { isMalformed, malformed } from '../forwarded/malformed.ts'
import { isMethod } from '../forwarded/method.ts'
import { targetOf } from '../forwarded/target.ts'
import { signInStatus, writeChallenge, writeSignIn, writeStatus } from './answers.ts'
import type { Protocol } from './protocol.ts'
import { queryValue } from './query-value.ts'

const BELIEVED: readonly LineName[] = ['forwardedMethod', 'forwardedProto', 'forwardedHost', 'forwardedUri']

export const forwardAuth: Protocol = {
  takesRest: false,
  methods: ['GET', 'HEAD'],
  usesConfiguredPortal: true,
  malformedStatus: 400,

  read({ lines, rest }) {
    const doubt = contradiction(lines, BELIEVED)
    if (doubt) return doubt
    const { forwardedMethod: method, forwardedProto: proto, forwardedHost: host, forwardedUri: uri } = lines
    // An empty address is one without a path, as Authelia has it; none at all is a proxy that was set up wrongly.
    if (!proto || !host || uri === undefined) return malformed('target-missing')
    if (!method || !isMethod(method)) return malformed('method')
    const target = targetOf(proto, host, uri)
    if (isMalformed(target)) return target
    const portalUrl = rest === '' ? undefined : queryValue(rest.slice(1), 'authelia_url')
    return { target, method, portalUrl, demandsBasic: false, lines }
  },

  write(response, answer, question) {
    switch (answer.kind) {
      case 'allow':
        return answer.identity.plain.send(response)
      case 'forbid':
        return writeStatus(response, 403, [], answer.note)
      case 'challenge':
        return writeChallenge(response, answer.status)
      case 'sign-in':
        if (answer.location === undefined) return writeStatus(response, 401)
        return writeSignIn(response, signInStatus(question), answer.location, question.method)
    }
  },
}
