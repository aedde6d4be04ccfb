// Links that set a password anew, made by hand: kept as any other, so that they are used once and end with newer ones.
import type { AdminServices } from './actions.ts'
import { optionalCount, paramsOf, text, wrong } from './params.ts'

/** @param params `{ id, username, binding (base64), createdAt, expiresAt }`, see `ResetToken`. Earlier links of the user end. */
export async function addReset(
  { storage, audit, clock }: AdminServices,
  params: unknown,
): Promise<{ readonly added: true }> {
  const given = paramsOf(params)
  const binding = Buffer.from(text(given, 'binding'), 'base64')
  const createdAt = optionalCount(given, 'createdAt')
  const expiresAt = optionalCount(given, 'expiresAt')
  if (binding.length === 0) throw wrong('binding', 'base64')
  if (createdAt === undefined || expiresAt === undefined) throw wrong('createdAt and expiresAt', 'given')
  const token = { id: text(given, 'id'), username: text(given, 'username'), binding, createdAt, expiresAt }
  await storage.resets.add(token, clock.now())
  await audit.record({ kind: 'password-reset-asked', username: token.username, from: 'cli' })
  return { added: true }
}
