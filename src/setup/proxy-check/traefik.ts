// The well-known mistakes in Traefik's set-ups with the forwardAuth middleware.
import type { Node } from '../../yaml/node.ts'
import type { Findings, Place } from './finding.ts'
import {
  adviseOnCertificate,
  checkGateAddress,
  GATE_PATH,
  IDENTITY_HEADERS,
  MENTIONS_GATE,
  missingOf,
  originOf,
} from './identity.ts'
import type { Source } from './source.ts'
import { type EntryPoint, type Middleware, type Router, readTraefik, type TraefikParts } from './traefik-parts.ts'
import { entriesOf, get, isTrue, placeOf, textOf, textsOf } from './yaml-tree.ts'

interface Question extends Middleware {
  readonly forwardAuth: Node
  readonly address: string
}

export function checkTraefik(given: readonly Source[], findings: Findings): void {
  const parts = readTraefik(given)
  const questions = parts.middlewares.flatMap((middleware): readonly Question[] => {
    const forwardAuth = get(middleware.node, 'forwardAuth')
    const address = textOf(get(forwardAuth, 'address')) ?? ''
    return forwardAuth && GATE_PATH.test(address) ? [{ ...middleware, forwardAuth, address }] : []
  })
  const onlyStatic = parts.entryPoints.length > 0 && parts.routers.length === 0 && parts.middlewares.length === 0
  if (questions.length === 0 && !onlyStatic)
    findings.mistake(
      'no-gate',
      parts.first,
      'No middleware asks Latchkey: there is no forwardAuth with one of the gate’s endpoints.',
      'Write the middleware as `latchkey proxy traefik` shows, and name it in every router.',
    )
  for (const entryPoint of parts.entryPoints) checkEntryPoint(entryPoint, findings)
  for (const question of questions) {
    checkHeaders(question, findings)
    checkTrust(question, parts.entryPoints, findings)
  }
  const asking = chainsOf(parts.middlewares, new Set(questions.map(({ name }) => name)))
  checkRouters(parts, asking, questions, findings)
}

const at = (node: Node | undefined, otherwise: Place): Place => (node ? placeOf(node) : otherwise)

function checkHeaders({ forwardAuth, address, ...place }: Question, findings: Findings): void {
  const { scheme, host } = originOf(address)
  const url = get(forwardAuth, 'address')
  checkGateAddress(findings, at(url, place), scheme, host)
  const insecure = get(forwardAuth, 'tls', 'insecureSkipVerify')
  if (isTrue(insecure))
    adviseOnCertificate(
      findings,
      at(insecure, place),
      host,
      'insecureSkipVerify',
      'Name its authority in tls.ca instead.',
    )

  const response = get(forwardAuth, 'authResponseHeaders')
  const expression = get(forwardAuth, 'authResponseHeadersRegex')
  const listed = textsOf(response).map((name) => name.toLowerCase())
  const pattern = textOf(expression)
  const fits = (name: string): boolean =>
    listed.includes(name.toLowerCase()) || (pattern !== undefined && matches(pattern, name))
  const missing = missingOf(IDENTITY_HEADERS, fits)
  if (missing !== '') {
    const because =
      pattern === undefined
        ? 'authResponseHeaders doesn’t list it'
        : `authResponseHeadersRegex ${pattern} is matched against Remote-User, in that letter case`
    findings.mistake(
      'identity-not-stripped',
      at(response ?? expression, place),
      `${missing} of the client reaches the application, and the true one doesn't: ${because}.`,
      'Write `authResponseHeaders: [Remote-User, Remote-Groups, Remote-Name, Remote-Email]`.',
    )
  }

  const request = get(forwardAuth, 'authRequestHeaders')
  const asked = textsOf(request).map((name) => name.toLowerCase())
  if (!request)
    findings.advice(
      'gate-request-headers',
      place,
      'Every header of the client goes to the gate.',
      'List what it needs in authRequestHeaders, as `latchkey proxy traefik` shows.',
    )
  else {
    const lacking = missingOf(['Cookie', 'Authorization', 'Accept'], (name) => asked.includes(name.toLowerCase()))
    if (lacking !== '')
      findings.mistake(
        'gate-request-headers',
        at(request, place),
        `authRequestHeaders lacks ${lacking}.`,
        'Add it to the list.',
      )
    const own = asked.filter((name) => /^(?:upgrade|connection)$/.test(name))
    if (own.length > 0)
      findings.mistake(
        'websocket-to-gate',
        at(request, place),
        `authRequestHeaders hands ${own.join(' and ')} to the gate.`,
        'Take it out of the list.',
      )
  }
  const body = get(forwardAuth, 'forwardBody')
  if (isTrue(body))
    findings.mistake('body-to-gate', at(body, place), 'forwardBody sends every upload to Latchkey.', 'Take it away.')
  const signin = get(forwardAuth, 'authSigninURL')
  if (signin)
    findings.mistake(
      'sign-in-redirect',
      at(signin, place),
      'authSigninURL replaces Latchkey’s answer: scripts are redirected too, and the way back is lost.',
      'Take it away.',
    )
}

function matches(pattern: string, name: string): boolean {
  try {
    const [, flags = '', rest = pattern] = /^\(\?(i)\)([\s\S]*)$/.exec(pattern) ?? []
    return new RegExp(rest, flags).test(name)
  } catch {
    // A form of Go's that isn't JavaScript's: nothing is said about what can't be read.
    return true
  }
}

function checkTrust({ forwardAuth, ...place }: Question, entryPoints: readonly EntryPoint[], findings: Findings): void {
  const trust = get(forwardAuth, 'trustForwardHeader')
  if (!isTrue(trust)) return
  const fix =
    'Write `trustForwardHeader: false`. Behind a proxy of yours that is listed in trustedIPs: keep it, and remove X-Forwarded-Uri and X-Forwarded-Method in a headers middleware before it.'
  const trusting = entryPoints.filter(
    ({ node }) =>
      isTrue(get(node, 'forwardedHeaders', 'insecure')) ||
      textsOf(get(node, 'forwardedHeaders', 'trustedIPs')).length > 0,
  )
  if (entryPoints.length > 0 && trusting.length === 0) {
    findings.advice(
      'client-forwarded-headers',
      at(trust, place),
      'trustForwardHeader is true; these entry points let no such header through, but the next one may.',
      fix,
    )
    return
  }
  const where =
    entryPoints.length > 0
      ? `, and the entry point ${trusting[0]?.name} lets them through`
      : '; whether an entry point lets them through stands in the static part, which wasn’t given'
  findings.mistake(
    'client-forwarded-headers',
    at(trust, place),
    `trustForwardHeader is true: X-Forwarded-Uri and -Method as they come are what gets judged${where}.`,
    fix,
  )
}

function checkEntryPoint({ node, name, ...place }: EntryPoint, findings: Findings): void {
  const insecure = get(node, 'forwardedHeaders', 'insecure')
  if (isTrue(insecure))
    findings.mistake(
      'client-forwarded-headers',
      at(insecure, place),
      `The entry point ${name} believes every client's X-Forwarded-*: insecure is true.`,
      'Write `insecure: false`, and the addresses of proxies in front into trustedIPs.',
    )
  const trusted = get(node, 'forwardedHeaders', 'trustedIPs')
  if (textsOf(trusted).some((text) => /^(?:0\.0\.0\.0|::)\/0$/.test(text)))
    findings.mistake(
      'client-forwarded-headers',
      at(trusted, place),
      `The entry point ${name} trusts everybody's X-Forwarded-*.`,
      'Name the addresses of the proxies that stand in front.',
    )
  // One that only redirects to https hands nothing on.
  if (get(node, 'http', 'redirections')) return
  const strategy = get(node, 'http', 'underscoreHeadersStrategy')
  const fix =
    'Write `underscoreHeadersStrategy: delete` below http of the entry point. Releases that don’t know it: take Remote_User out by a headers middleware.'
  if (textOf(strategy)?.toLowerCase() === 'keep')
    findings.mistake(
      'underscore-headers',
      at(strategy, place),
      `The entry point ${name} keeps Remote_User and its like.`,
      fix,
    )
  else if (!strategy)
    findings.advice(
      'underscore-headers',
      place,
      `The entry point ${name} keeps Remote_User and its like: that is the default.`,
      fix,
    )
  const sanitize = get(node, 'http', 'sanitizePath')
  if (textOf(sanitize)?.toLowerCase() === 'false')
    findings.mistake(
      'path-differs',
      at(sanitize, place),
      `The entry point ${name} leaves "//" and "/../" in paths.`,
      'Write `sanitizePath: true`.',
    )
}

/** Names of middlewares that ask: the forwardAuth itself and every chain that holds it. */
function chainsOf(middlewares: readonly Middleware[], questions: ReadonlySet<string>): ReadonlySet<string> {
  const asking = new Set(questions)
  for (let before = -1; before !== asking.size; ) {
    before = asking.size
    for (const { name, node } of middlewares) {
      const members = textsOf(get(node, 'chain', 'middlewares')).map((text) => (text.split('@')[0] ?? '').toLowerCase())
      if (members.some((member) => asking.has(member))) asking.add(name)
    }
  }
  return asking
}

function checkRouters(
  { routers, middlewares, entryPoints }: TraefikParts,
  asking: ReadonlySet<string>,
  questions: readonly Question[],
  findings: Findings,
): void {
  const gates = new Set(
    questions.flatMap(({ address }) => [originOf(address).authority, originOf(address).host.toLowerCase()]),
  )
  const isPortal = ({ servers, rule }: Router): boolean =>
    servers.some((server) => gates.has(server)) && !MENTIONS_GATE.test(rule)
  const guarded = new Set(
    entryPoints
      .filter(({ node }) =>
        textsOf(get(node, 'http', 'middlewares')).some((text) => asking.has((text.split('@')[0] ?? '').toLowerCase())),
      )
      .map(({ name }) => name),
  )
  const removing = new Set(middlewares.filter(({ node }) => removesIdentity(node)).map(({ name }) => name))
  for (const router of routers) {
    const asksAt = router.middlewares.findIndex((name) => asking.has(name))
    if (isPortal(router)) {
      if (asksAt >= 0 || router.entryPoints.some((name) => guarded.has(name)))
        findings.mistake(
          'portal-behind-gate',
          router,
          `The router ${router.name} of the portal has the middleware that asks.`,
          'Take the middleware off the portal’s router, or give it an entry point without it.',
        )
    }
    const late = router.middlewares.slice(asksAt + 1).find((name) => removing.has(name))
    if (asksAt >= 0 && late)
      findings.mistake(
        'identity-removed',
        router,
        `The router ${router.name} runs ${late} after the question, which removes Remote-*.`,
        `Put ${late} before the middleware that asks, or take it away.`,
      )
  }
  const portal = routers.find(isPortal)
  if (portal && !routers.some(({ rule }) => MENTIONS_GATE.test(rule)))
    findings.advice(
      'gate-exposed',
      portal,
      'The gate’s endpoints can be reached through the portal’s host.',
      'Write a router for `PathRegexp(`(?i)^/+api/+(authz|verify)`)` on that host that answers 404, as `latchkey proxy traefik` shows.',
    )
}

const removesIdentity = (node: Node): boolean =>
  entriesOf(get(node, 'headers', 'customRequestHeaders')).some(
    ({ key, value }) => /^remote-/i.test(key) && (textOf(value) ?? '') === '',
  )
