// A second factor was shown: the session rises, and the trail has it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Elevation } from '../login/elevation.ts'
import type { PortalDeps, PortalSession } from './portal.ts'
import { recordEvent } from './record-event.ts'
import type { Visit } from './visit.ts'

/** @param factor as the trail names it. @param more what else it proves. Undefined when the session was ended meanwhile: the caller answers as if nobody were signed in. */
export async function raiseSession(
  deps: PortalDeps,
  request: IncomingMessage,
  response: ServerResponse,
  visit: Visit,
  session: PortalSession,
  factor: 'totp' | 'webauthn' | 'duo' | 'recovery',
  more: { readonly elevation?: Elevation; readonly passwordProvenAt?: number } = {},
): Promise<PortalSession | undefined> {
  const raised = await deps.sessions.renew(request, response, visit.domain, session, { level: 2, ...more })
  if (raised === undefined) return undefined
  const { username, key } = raised.record
  await recordEvent(deps, visit, { kind: 'second-factor', username, subject: factor, session: key })
  return raised
}
