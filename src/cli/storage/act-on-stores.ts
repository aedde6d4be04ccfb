// Administrative actions as commands have them done: by the server that runs on the database, or here when none does.
import { ACTIONS, type ActionAnswer, type ActionName, needsSessions } from '../../admin/actions.ts'
import { systemClock } from '../../base/clock.ts'
import { Fault } from '../../base/fault.ts'
import { openSessions, sessionsPath } from '../../session/open-sessions.ts'
import { detectDatabase } from '../../storage/detect-database.ts'
import { missingDatabase } from '../../storage/inspect-database.ts'
import { locateStorage, openStorage } from '../../storage/open-storage.ts'
import { callServer } from '../server/admin-client.ts'
import { commandTrail } from '../trail/command-trail.ts'
import { withoutSessions } from './without-sessions.ts'

export interface StoresPlace {
  /** As configured, or as `locateStorage` says. */
  readonly path: string
  readonly encryptionKey: string
  /** Seals sessions; undefined where no configuration says it. */
  readonly sessionSecret?: string | undefined
}

/**
 * @param make whether to begin a database where there is none; without it that is the Fault `database-missing`
 * @throws Fault of asking a server, of opening the stores, and of the action; `configuration-needed` without the secret of sessions that it needs
 */
export async function act<Name extends ActionName>(
  place: StoresPlace,
  name: Name,
  params: unknown,
  { make = false }: { readonly make?: boolean } = {},
): Promise<ActionAnswer<Name>> {
  const answer = await callServer(place.path, name, params)
  if (answer.kind === 'answered') return answer.value as ActionAnswer<Name>
  const { path } = locateStorage(place.path)
  if (!make && ['missing', 'empty'].includes(detectDatabase(path))) throw missingDatabase(path)
  return actHere(place, name, params)
}

/** As `act`, but undefined where no database of ours is. */
export async function actIfThere<Name extends ActionName>(
  place: StoresPlace,
  name: Name,
  params: unknown,
): Promise<ActionAnswer<Name> | undefined> {
  const answer = await callServer(place.path, name, params)
  if (answer.kind === 'answered') return answer.value as ActionAnswer<Name>
  return detectDatabase(locateStorage(place.path).path) === 'latchkey' ? actHere(place, name, params) : undefined
}

async function actHere<Name extends ActionName>(
  place: StoresPlace,
  name: Name,
  params: unknown,
): Promise<ActionAnswer<Name>> {
  // Only where they are needed: a damaged session database mustn't keep anybody from banning.
  const secret = needsSessions(name) ? demandSecret(place) : undefined
  const { path, encryptionKey } = place
  const clock = systemClock
  const storage = await openStorage({ path, encryptionKey, clock })
  try {
    const sessions =
      secret === undefined ? undefined : await openSessions({ path: sessionsPath(storage.path), secret, clock })
    try {
      const services = { storage, sessions: sessions ?? withoutSessions, audit: commandTrail(storage, clock), clock }
      return (await ACTIONS[name](services, params)) as ActionAnswer<Name>
    } finally {
      await sessions?.close()
    }
  } finally {
    await storage.close()
  }
}

/** @throws Fault `configuration-needed` */
function demandSecret({ sessionSecret }: StoresPlace): string {
  if (sessionSecret !== undefined) return sessionSecret
  throw new Fault(
    'configuration-needed',
    'Sessions are sealed with session.secret, which stands in the configuration.',
    { hint: 'Name the configuration with --config.', exitCode: 2 },
  )
}
