// Auth-request: nginx tells the visitor's request in X-Original-URL and X-Original-Method. X-Forwarded-* is not looked at, but for the client's
// address. nginx turns every status but 2xx, 401 and 403 into a 500.
import { contradiction } from '../forwarded/contradiction.ts'
import type { LineName } from '../forwarded/header-lines.ts'
import { isMalformed, malformed } from '../forwarded/malformed.ts'
import { isMethod } from '../forwarded/method.ts'
import { targetOfUrl } from '../forwarded/target.ts'
import { writeChallenge, writeSignIn, writeStatus } from './answers.ts'
import type { Protocol } from './protocol.ts'
import { queryValue } from './query-value.ts'

const BELIEVED: readonly LineName[] = ['originalUrl', 'originalMethod']

export const authRequest: Protocol = {
  takesRest: false,
  methods: ['GET', 'HEAD'],
  usesConfiguredPortal: true,
  malformedStatus: 403,

  read({ lines, rest }) {
    const doubt = contradiction(lines, BELIEVED)
    if (doubt) return doubt
    const { originalUrl: url, originalMethod: method } = lines
    if (!url) return malformed('target-missing')
    if (!method || !isMethod(method)) return malformed('method')
    const target = targetOfUrl(url)
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
        return writeSignIn(response, 401, answer.location, question.method)
    }
  },
}
