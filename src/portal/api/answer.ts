// The few forms an answer of the API has. Written without Express, whose ETags and freshness checks don't belong on a state of sign-in.
import type { ServerResponse } from 'node:http'
import { STATUS_CODES } from '../../base/node-http.ts'
import type { SignIn } from '../../login/flow.ts'
import { retryAfter } from '../rate-limits.ts'
import type { Call } from './route.ts'

export const MESSAGES = {
  firstFactor: 'Authentication failed. Check your credentials.',
  secondFactor: 'Authentication failed, please retry later.',
  failed: 'Operation failed.',
  tooMany: 'Too Many Requests',
  noTotp: 'Could not find TOTP Configuration for user.',
  totpSetUp: 'Unable to set up one-time password.',
  totpDelete: 'Unable to delete one-time password.',
  keySetUp: 'Unable to register your security key.',
  passwordReset: 'Unable to reset your password.',
  passwordChange: 'Unable to change your password.',
  passwordWeak: 'Your supplied password does not meet the password policy requirements.',
  passwordWrong: 'Incorrect Password',
} as const

function send(response: ServerResponse, status: number, type: string, text: string): void {
  const body = Buffer.from(text)
  response.statusCode = status
  response.setHeader('Content-Type', `${type}; charset=utf-8`)
  response.setHeader('Content-Length', body.length)
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

const json = (response: ServerResponse, status: number, value: object): void =>
  send(response, status, 'application/json', JSON.stringify(value))

export const ok = (response: ServerResponse, data?: unknown): void =>
  json(response, 200, data === undefined ? { status: 'OK' } : { status: 'OK', data })

export const created = (response: ServerResponse): void => json(response, 201, { status: 'OK' })

export const ko = (response: ServerResponse, status: number, message: string): void =>
  json(response, status, { status: 'KO', message })

/** After a proof. A flow that began elsewhere (OpenID Connect) can't be continued here yet; the sign-in holds all the same. */
export function okSignedIn(response: ServerResponse, result: SignIn, flow: string, message: string): void {
  const redirect = result.kind === 'signed-in' ? result.redirect : undefined
  if (flow !== '') ko(response, 200, message)
  else ok(response, redirect === undefined ? undefined : { redirect })
}

/** @param seconds until it makes sense to come back */
export function koTooMany({ response, deps }: Pick<Call, 'response' | 'deps'>, seconds: number): void {
  response.setHeader('Retry-After', retryAfter(deps.clock.now() + seconds * 1000))
  ko(response, 429, MESSAGES.tooMany)
}

/** Which proof is missing; exactly one is (api §5). */
export const koMissing = (response: ServerResponse, missing: 'elevation' | 'first_factor' | 'second_factor'): void =>
  json(response, 403, {
    status: 'KO',
    data: {
      elevation: missing === 'elevation',
      first_factor: missing === 'first_factor',
      second_factor: missing === 'second_factor',
    },
  })

/** `403 Forbidden` and the like. */
export const text = (response: ServerResponse, status: number): void =>
  send(response, status, 'text/plain', `${status} ${STATUS_CODES[status] ?? ''}`)

/** Nothing but status and headers. */
export function empty(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>): void {
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.setHeader('Content-Length', 0)
  response.end()
}
