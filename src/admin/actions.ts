// What administers the stores, by name: run by a command itself when no server runs, and by the server when one does.
import type { Clock } from '../base/clock.ts'
import type { Sessions } from '../session/open-sessions.ts'
import type { Storage } from '../storage/storage.ts'

export interface AdminServices {
  readonly storage: Storage
  readonly sessions: Sessions
  readonly clock: Clock
}

export const ACTIONS: Readonly<Record<string, (services: AdminServices, params: unknown) => Promise<unknown>>> = {}
