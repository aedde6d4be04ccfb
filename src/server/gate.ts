// The gate: may this request pass? One request on one screen. It has no rules, no cookies and no header names of its own, and no Express.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import type { IpAddress } from '../base/ip-address.ts'
import type { Logger } from '../base/log.ts'
import type { AuthnStrategy } from '../config/config.ts'
import { contradiction } from '../forwarded/contradiction.ts'
import type { HeaderLines } from '../forwarded/header-lines.ts'
import { isMalformed, type Malformed, malformed } from '../forwarded/malformed.ts'
import type { Login } from '../login/login.ts'
import { decide } from '../policy/decide.ts'
import { type AccessRequest, ANONYMOUS } from '../policy/model.ts'
import { writeStatus } from '../protocol/answers.ts'
import { ANONYMOUS_HEADERS } from '../protocol/identity-headers.ts'
import type { Answer, Elsewhere, Question } from '../protocol/protocol.ts'
import type { SessionReader } from '../session/session.ts'
import type { Endpoint } from './gate/endpoints.ts'
import { proveByHeader } from './gate/header-proof.ts'
import { isPromise, type Maybe } from './gate/maybe-promise.ts'
import { isAtPortal, type Portal, portalFor, signInLocation } from './gate/portals.ts'
import type { Proof } from './gate/proof.ts'
import { createSeldom } from './gate/seldom.ts'
import { proveBySession } from './gate/session-proof.ts'
import type { GateDomain, GateSnapshot } from './gate/snapshot.ts'

export interface GateDeps {
  current(): GateSnapshot
  readonly sessions: SessionReader
  readonly login: Pick<Login, 'basic'>
  readonly clock: Clock
  readonly log: Logger
  /** How long a session store or directory may take, milliseconds; a password check, which waits in a queue and is slowed down, ten times that. */
  readonly patience?: number
}

/** @param lines of the request, which it reads nothing else of; `headers` may not be put together yet */
export type GateHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: Endpoint,
  lines: HeaderLines,
) => void

/** A question that can be judged. */
interface Asked {
  readonly snapshot: GateSnapshot
  readonly endpoint: Endpoint
  readonly question: Question
  readonly access: AccessRequest
  readonly client: IpAddress
  readonly domain: GateDomain
  /** undefined: Legacy, and nobody said where one signs in. */
  readonly portal: Portal | undefined
}

const CLIENT = ['forwardedFor'] as const
const AT_PORTAL =
  'This is the address of the sign-in portal itself, and the proxy asks whether it may be visited. Take the check off this host.'
const UNSPEAKABLE =
  'a signed-in user was refused: his name, groups or e-mail address hold characters that an application could misread in a header'

const NO_CLIENT = 'the proxy sends no X-Forwarded-For, so that every visitor seems to have its address'

/** Nothing thrown leaves it: what goes wrong is logged with an id and answered 500. */
export function createGate({ current, sessions, login, clock, log, patience = 3000 }: GateDeps): GateHandler {
  const warn = createSeldom(log, clock)

  const prove = ({ snapshot, question, domain, client }: Asked, strategy: AuthnStrategy): Maybe<Proof> =>
    strategy.name === 'CookieSession'
      ? within(patience, proveBySession(snapshot, sessions, domain, question.lines))
      : within(10 * patience, proveByHeader(strategy, question, client, login))

  /** The strategies in order, until one proves something or finds that what was presented doesn't hold. */
  const judge = (asked: Asked, at = 0): Maybe<Answer> => {
    const { strategies } = asked.endpoint
    const strategy = strategies[at]
    if (strategy === undefined) throw new Error(`endpoint ${asked.endpoint.name} has no strategy`)
    const proof = prove(asked, strategy)
    return isPromise(proof) ? proof.then((late) => weigh(asked, at, strategy, late)) : weigh(asked, at, strategy, proof)
  }

  const weigh = (asked: Asked, at: number, strategy: AuthnStrategy, proof: Proof): Maybe<Answer> =>
    proof.kind === 'nothing' && at + 1 < asked.endpoint.strategies.length
      ? judge(asked, at + 1)
      : answer(asked, strategy, proof)

  /** @param last the strategy that came last; it says how one is asked to sign in */
  const answer = ({ snapshot, question, access, portal }: Asked, last: AuthnStrategy, proof: Proof): Answer => {
    const identity = proof.kind === 'user' ? proof.person.atLevel[proof.level] : ANONYMOUS
    const decision = decide(access, identity, snapshot.policy)
    if (log.isLevelEnabled('debug')) {
      const { kind, reason, verdict } = decision
      log.debug({ host: access.target.host, method: access.method, kind, reason, rule: verdict.rule }, 'decided')
    }
    switch (decision.kind) {
      case 'allow': {
        if (proof.kind !== 'user') return { kind: 'allow', identity: ANONYMOUS_HEADERS }
        const { headers } = proof.person
        if (headers !== undefined) return { kind: 'allow', identity: headers }
        warn('unspeakable', { username: proof.person.atLevel[1].username }, UNSPEAKABLE)
        return decision.reason === 'bypass' ? { kind: 'allow', identity: ANONYMOUS_HEADERS } : { kind: 'forbid' }
      }
      case 'deny':
        return proof.kind === 'failed' ? challengeBy(last) : { kind: 'forbid' }
      case 'challenge':
        if (proof.kind === 'failed' || last.name !== 'CookieSession') return challengeBy(last)
        if (portal === undefined) return { kind: 'sign-in', location: undefined }
        if (isAtPortal(access.target, portal)) {
          warn('at-portal', { host: portal.name }, AT_PORTAL)
          return { kind: 'forbid', note: AT_PORTAL }
        }
        return { kind: 'sign-in', location: signInLocation(portal, access.target, question.method) }
    }
  }

  const fail = (error: unknown, response: ServerResponse, endpoint: Endpoint): void => {
    const id = randomUUID()
    log.error({ id, endpoint: endpoint.name, err: error }, 'the gate failed to answer')
    if (response.headersSent) return void response.destroy()
    writeStatus(response, 500, [], id)
  }

  const handle: GateHandler = (request, response, endpoint, lines) => {
    const { protocol } = endpoint
    try {
      const { method = '' } = request
      if (method !== 'GET' && protocol.methods?.includes(method) === false) {
        return writeStatus(response, 405, ['Allow', protocol.methods.join(', ')])
      }
      const asked = read(current(), request, endpoint, lines)
      if (isMalformed(asked)) {
        const fields = { endpoint: endpoint.name, reason: asked.reason, ...from(request) }
        warn(asked.reason, fields, 'a question was refused')
        return writeStatus(response, protocol.malformedStatus)
      }
      if ('location' in asked) return writeStatus(response, 301, ['Location', asked.location])
      // Rules about networks and bans would be about the proxy then.
      if (!asked.question.lines.forwardedFor)
        warn('no-client', { endpoint: endpoint.name, ...from(request) }, NO_CLIENT)
      const result = judge(asked)
      if (!isPromise(result)) return protocol.write(response, result, asked.question)
      result
        .then((late) => {
          // Somebody may have lost his rights while his password was hashed: nobody is let in by a snapshot of before.
          if (late.kind === 'allow' && current() !== asked.snapshot) handle(request, response, endpoint, lines)
          else protocol.write(response, late, asked.question)
        })
        .catch((error: unknown) => fail(error, response, endpoint))
    } catch (error) {
      fail(error, response, endpoint)
    }
  }
  return handle
}

const challengeBy = ({ name }: AuthnStrategy): Answer => ({
  kind: 'challenge',
  status: name === 'HeaderProxyAuthorization' ? 407 : 401,
})

const from = ({ socket }: IncomingMessage) => ({ peer: socket.remoteAddress ?? 'unix socket' })

/** Who asks, for whom, about what, and where one would sign in. Nothing here depends on who the visitor is. */
function read(
  snapshot: GateSnapshot,
  request: IncomingMessage,
  endpoint: Endpoint,
  lines: HeaderLines,
): Asked | Malformed | Elsewhere {
  const { protocol, path } = endpoint
  const { method = '', url = '', socket } = request
  const peer = snapshot.peers.peerOf(socket)
  if (!peer.trusted) return malformed('untrusted-peer')
  const question = protocol.read({ lines, method, endpointPath: path, rest: url.slice(path.length) })
  if ('kind' in question) return question
  const client = snapshot.peers.clientOf(peer, lines.forwardedFor)
  if (client === undefined) return malformed('client-address')
  const doubt = contradiction(lines, CLIENT)
  if (doubt) return doubt
  const { target } = question
  const domain = domainOf(snapshot, target.host)
  if (domain === undefined) return malformed('foreign-host')
  const portal = portalFor(question.portalUrl, domain.portal, domain.covers, protocol.usesConfiguredPortal)
  if (portal !== undefined && 'kind' in portal) return portal
  const access: AccessRequest = { target, method: question.method, clientAddress: client }
  return { snapshot, endpoint, question, access, client, domain, portal }
}

function domainOf({ domains }: GateSnapshot, host: string): GateDomain | undefined {
  for (const domain of domains) if (domain.covers(host)) return domain
  return undefined
}

/** A store that hangs must not leave the visitor hanging until his proxy gives up. */
function within<T>(milliseconds: number, value: Maybe<T>): Maybe<T> {
  if (!isPromise(value)) return value
  let timer: NodeJS.Timeout
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  })
  return Promise.race([value, tooLate]).finally(() => clearTimeout(timer))
}
