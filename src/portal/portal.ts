// What the portal is given by the composition root, and what it gives back. The portal has no policy logic: it asks `policyOf`.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { CookieDomain } from '../config/config.ts'
import type { User } from '../directory/directory.ts'
import type { Login } from '../login/login.ts'
import type { Requirement } from '../policy/model.ts'

/** Everything that may change with a configuration; read anew for each request through `PortalDeps.settings`. */
export interface PortalSettings {
  readonly cookies: readonly CookieDomain[]
  readonly theme: 'light' | 'dark' | 'grey' | 'oled' | 'auto'
  /** Some rule, or the default policy, demands two factors (spec 2.9). */
  readonly secondFactorEnabled: boolean
  /** What the policy demands of this user at this address, method and URL; used to decide where a sign-in leads. */
  policyOf(user: User, clientAddress: string, method: string, url: string): Requirement
  findUser(username: string): User | undefined | Promise<User | undefined>
}

export type PortalHandler = (request: IncomingMessage, response: ServerResponse) => void

export interface PortalDeps {
  readonly login: Login
  readonly clock: Clock
  readonly log: Logger
  settings(): PortalSettings
}
