// A second factor was shown, or isn't asked for in this browser: the session rises, and the trail has it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Elevation } from '../login/elevation.ts'
import type { PortalSession } from '../session/session.ts'
import type { PortalDeps } from './portal.ts'
import { recordEvent } from './record-event.ts'
import { factorsOf } from './second-factors.ts'
import { isTrustedBrowser } from './trusted-browser.ts'
import type { Visit } from './visit.ts'

/** @param factor as the trail names it. @param more what else it proves. Undefined when the session was ended meanwhile: the caller answers as if nobody were signed in. */
export async function raiseSession(
  deps: PortalDeps,
  request: IncomingMessage,
  response: ServerResponse,
  visit: Visit,
  session: PortalSession,
  factor: 'totp' | 'webauthn' | 'duo' | 'recovery' | 'password',
  more: { readonly elevation?: Elevation; readonly passwordProvenAt?: number } = {},
): Promise<PortalSession | undefined> {
  const raised = await deps.sessions.renew(request, response, visit.domain, session, { level: 2, ...more })
  if (raised === undefined) return undefined
  const { username, key } = raised.record
  await recordEvent(deps, visit, { kind: 'second-factor', username, subject: factor, session: key })
  return raised
}

/**
 * After the password: in a browser that he trusts, whoever has a second factor counts as having given it.
 * @returns undefined where that isn't so, or the session was ended meanwhile
 */
export async function raiseByTrust(
  deps: PortalDeps,
  request: IncomingMessage,
  response: ServerResponse,
  visit: Visit,
  session: PortalSession,
): Promise<PortalSession | undefined> {
  const { username } = session.record
  if (!(await isTrustedBrowser(deps, visit, request, username))) return undefined
  if ((await factorsOf({ deps, visit }, username)).registered.length === 0) return undefined
  const change = { level: 2, byTrustedBrowser: true } as const
  const raised = await deps.sessions.renew(request, response, visit.domain, session, change)
  if (raised === undefined) return undefined
  const { key } = raised.record
  await recordEvent(deps, visit, { kind: 'second-factor', username, subject: 'trusted-browser', session: key })
  return raised
}

/** Somebody signed in with nothing but a passkey: his session begins, and the trail has it. */
export async function beginByPasskey(
  deps: PortalDeps,
  request: IncomingMessage,
  response: ServerResponse,
  visit: Visit,
  { username, level, remember }: { readonly username: string; readonly level: 1 | 2; readonly remember: boolean },
): Promise<void> {
  const start = { username, remember, from: visit.clientAddress, passkey: { level } }
  const { record } = await deps.sessions.begin(request, response, visit.domain, start)
  await recordEvent(deps, visit, { kind: 'sign-in', username, subject: 'passkey', session: record.key })
}
