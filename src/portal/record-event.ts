// Records in the trail what a visitor of the portal did, with where he came from.
import type { AuditEvent } from '../audit/audit.ts'
import { myTurn } from '../base/in-turn.ts'
import type { PortalDeps } from './portal.ts'
import type { Visit } from './visit.ts'

/** As `Audit.record`: resolves when it is stored, and never rejects. */
export async function recordEvent(
  { audit }: Pick<PortalDeps, 'audit'>,
  { clientAddress, userAgent }: Visit,
  event: Omit<AuditEvent, 'from' | 'userAgent'>,
): Promise<void> {
  await myTurn()
  await audit.record({ ...event, from: clientAddress, userAgent })
}
