// The portal's JSON API: finds the route by its exact path, then method, rate limit, source, body, proof, handler, in this order. It sets no
// security headers (the app does for every answer) and knows nothing of pages.
import type { IncomingMessage, ServerResponse } from 'node:http'
import express, { type Request, type RequestHandler, type Router } from 'express'
import type { TotpEnrolment } from '../../login/totp-enrolment.ts'
import type { Webauthn } from '../../login/webauthn/webauthn.ts'
import { languageOf } from '../language.ts'
import { mayPostJson } from '../origin.ts'
import type { PortalDeps } from '../portal.ts'
import { missingProof } from '../proof.ts'
import { type RateLimits, retryAfter } from '../rate-limits.ts'
import { findVisit, type Visit } from '../visit.ts'
import { empty, ko, koMissing, MESSAGES, ok, text } from './answer.ts'
import { configurationRoutes } from './configuration.ts'
import { duoRoutes } from './duo.ts'
import { elevationRoutes } from './elevation.ts'
import { firstFactorRoutes } from './first-factor.ts'
import { readBody } from './json-body.ts'
import { passwordRoutes } from './passwords.ts'
import { type Call, type Endpoint, type Route, whoIs } from './route.ts'
import { sessionRoutes } from './session.ts'
import { totpRoutes } from './totp.ts'
import { totpRegistrationRoutes } from './totp-registration.ts'
import { userInfoRoutes } from './user-info.ts'
import { webauthnRoutes } from './webauthn.ts'
import { webauthnCredentialRoutes } from './webauthn-credentials.ts'

/** Every route there is, by its path. */
export const routesOf = (enrolment: TotpEnrolment, webauthn: Webauthn): ReadonlyMap<string, Route> =>
  new Map(
    [
      ...sessionRoutes,
      ...firstFactorRoutes,
      ...elevationRoutes,
      ...passwordRoutes,
      ...totpRoutes,
      ...totpRegistrationRoutes(enrolment),
      ...webauthnRoutes(webauthn),
      ...webauthnCredentialRoutes(webauthn),
      ...duoRoutes,
      ...userInfoRoutes,
      ...configurationRoutes,
    ].map((route) => [route.path, route]),
  )
const HEALTH = '/api/health'

/** A parameter other than the charset would be something no client of ours sends. */
const JSON_TYPE = /^application\/json[\t ]*(?:;[\t ]*charset=(?:utf-8|"utf-8")[\t ]*)?$/i

/**
 * Answers everything under `/api/` and leaves the rest alone. Expects a URL without base path, and a visit (`visit.ts`) where the request is
 * meant for a portal; elsewhere only health answers. `limits` are shared with the pages.
 */
export function createApi(deps: PortalDeps, enrolment: TotpEnrolment, webauthn: Webauthn, limits: RateLimits): Router {
  const routes = routesOf(enrolment, webauthn)
  const api: RequestHandler = (request, response, next) => {
    const { path } = request
    if (path !== '/api' && !path.startsWith('/api/')) return next()
    const visit = findVisit(request)
    if (path === HEALTH) health(request, response)
    else if (visit !== undefined) answer(deps, limits, routes, visit, path, request, response).catch(next)
    // neither a route nor what is behind it exists at a host that is no portal
    else text(response, routeOf(routes, path).route ? 403 : 404)
  }
  return express.Router().use(api)
}

/** Says nothing more than that somebody answers, at any host and over any scheme. */
function health(request: IncomingMessage, response: ServerResponse): void {
  const { method } = request
  if (method !== 'GET' && method !== 'HEAD') response.setHeader('Allow', 'GET, HEAD, OPTIONS')
  if (method === 'GET' || method === 'HEAD') ok(response)
  else if (method === 'OPTIONS') empty(response, 200, {})
  else text(response, 405)
}

async function answer(
  deps: PortalDeps,
  limits: RateLimits,
  routes: ReadonlyMap<string, Route>,
  visit: Visit,
  path: string,
  request: Request,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? ''
  const { route, id } = routeOf(routes, path)
  if (route === undefined || route.available?.(visit.settings) === false) {
    if (path === `${HEALTH}/` && (method === 'GET' || method === 'HEAD')) return redirect(request, response, HEALTH)
    const shorter = path.endsWith('/') ? routes.get(path.slice(0, -1)) : undefined
    const exists = shorter && endpointOf(shorter, method) && shorter.available?.(visit.settings) !== false
    return exists ? redirect(request, response, shorter.path) : text(response, 404)
  }
  const endpoint = endpointOf(route, method)
  if (endpoint === undefined) {
    const allow = [...Object.keys(route.methods), 'OPTIONS'].sort().join(', ')
    if (method === 'OPTIONS') return empty(response, 200, { Allow: allow })
    response.setHeader('Allow', allow)
    return text(response, 405)
  }

  const until =
    endpoint.limit &&
    limits.refusedUntil(endpoint.limit, visit.settings.rateLimits[endpoint.limit], visit.clientAddress)
  if (until !== undefined) {
    response.setHeader('Retry-After', retryAfter(until))
    return ko(response, 429, MESSAGES.tooMany)
  }

  let body: Uint8Array = new Uint8Array()
  if (method !== 'GET') {
    // a form of another site can't send JSON; a script of another site can't without a preflight, and that is never granted
    if (method !== 'DELETE' && !JSON_TYPE.test(request.headers['content-type'] ?? '')) return text(response, 415)
    if (!mayPostJson(request.headers, visit.origin)) return text(response, 403)
    const read = await readBody(request)
    if (read.kind === 'aborted') return
    if (read.kind !== 'read') {
      response.setHeader('Connection', 'close')
      return text(response, 400)
    }
    body = read.bytes
  }
  return proven(endpoint, { request, response, deps, visit, body, id, language: languageOf(request, visit.settings) })
}

async function proven(endpoint: Endpoint, call: Call): Promise<void> {
  if (endpoint.access === 'open') return endpoint.handle(call)
  const signedIn = await whoIs(call)
  if (endpoint.access === 'elevated') {
    const missing = await missingProof(call, signedIn)
    if (missing !== undefined) return koMissing(call.response, missing)
  }
  // An application under the cookie domain sees the session cookie. With it alone it could raise a session, or prove its password again, and be
  // given the portal's own cookie with the new id.
  const both = call.request.method === 'GET' || signedIn?.session.hasPortalCookie
  if (signedIn === undefined || !both) return text(call.response, 403)
  return endpoint.handle(call, signedIn)
}

function routeOf(routes: ReadonlyMap<string, Route>, path: string): { route: Route | undefined; id: string } {
  const exact = path.includes('{') ? undefined : routes.get(path)
  const slash = path.lastIndexOf('/') + 1
  const id = path.slice(slash)
  if (exact || id === '') return { route: exact, id: '' }
  return { route: routes.get(`${path.slice(0, slash)}{id}`), id }
}

const endpointOf = ({ methods }: Route, method: string): Endpoint | undefined =>
  Object.hasOwn(methods, method) ? methods[method as keyof Route['methods']] : undefined

/** Relative, so that neither host nor base path need be known. */
function redirect(request: IncomingMessage, response: ServerResponse, path: string): void {
  const target = `../${path.slice(path.lastIndexOf('/') + 1)}`
  const query = /\?.*$/.exec(request.url ?? '')?.[0] ?? ''
  empty(response, request.method === 'GET' ? 301 : 308, { Location: `${target}${query}` })
}
