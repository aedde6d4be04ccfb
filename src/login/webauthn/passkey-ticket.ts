// The challenge of somebody who isn't known yet: sealed into a cookie of his, since strangers have no session and cost no storage. Whether it was used
// already is storage's matter.
import { open, seal } from '../../base/secret.ts'

/** Milliseconds. A page that waits for a passkey to be chosen asks anew before that. */
export const PASSKEY_LIFESPAN = 5 * 60_000
const PURPOSE = 'latchkey/passkey-ticket'

export interface PasskeyTicket {
  readonly challenge: string
  /** Relying party it was made for. */
  readonly rpId: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** @param key dies with the process: after a restart a page asks anew */
export const sealTicket = (key: Buffer, ticket: PasskeyTicket): string =>
  seal(key, Buffer.from(JSON.stringify(ticket)), PURPOSE).toString('base64url')

/** Undefined when it isn't ours, of another relying party, or too old. */
export function openTicket(
  key: Buffer,
  text: string | undefined,
  rpId: string,
  now: number,
): PasskeyTicket | undefined {
  if (text === undefined || text.length > 1024) return undefined
  const plain = open(key, Buffer.from(text, 'base64url'), PURPOSE)
  const ticket = plain && (JSON.parse(plain.toString()) as PasskeyTicket)
  return ticket && ticket.rpId === rpId && now < ticket.expiresAt ? ticket : undefined
}
