// Opaque identifiers: listing them, and adding some, all or none.
import type { UserIdentifier } from '../storage/identifiers.ts'
import type { AdminServices } from './actions.ts'
import { list, optionalText, paramsOf, text, wrong } from './params.ts'

/** What an identifier is for. OpenID Connect itself isn't built yet; what Authelia gave out must stay the same until it is. */
export const IDENTIFIER_SERVICES = ['openid'] as const
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export const isIdentifier = (value: string): boolean => UUID_V4.test(value)

export const listIdentifiers = ({ storage }: AdminServices): Promise<readonly UserIdentifier[]> =>
  storage.identifiers.list()

/** Nothing is added when one stands in the way: those come back. */
export interface AddedIdentifiers {
  readonly added: number
  readonly inTheWay: readonly UserIdentifier[]
}

/** @param params `{ identifiers: [{ service, sectorId, username, identifier }] }` */
export async function addIdentifiers({ storage, audit }: AdminServices, params: unknown): Promise<AddedIdentifiers> {
  const rows = list(paramsOf(params), 'identifiers').map((given) => {
    const row = {
      service: text(given, 'service'),
      sectorId: optionalText(given, 'sectorId') ?? '',
      username: text(given, 'username'),
      identifier: text(given, 'identifier'),
    }
    if (!isIdentifier(row.identifier)) throw wrong(`the identifier of ${row.username}`, 'a UUID of version 4')
    if (!IDENTIFIER_SERVICES.some((known) => known === row.service))
      throw wrong(`the service of ${row.username}`, IDENTIFIER_SERVICES.join(', '))
    return row
  })
  const inTheWay = await storage.identifiers.add(rows)
  const added = inTheWay.length > 0 ? 0 : rows.length
  const [first] = rows
  if (added > 0 && first !== undefined) {
    const username = added === 1 ? first.username : ''
    await audit.record({ kind: 'identifiers-added', username, from: 'cli', subject: String(added) })
  }
  return { added, inTheWay }
}
