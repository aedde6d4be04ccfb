// Puts the ceremonies together.
import type { Audit } from '../../audit/audit.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Storage } from '../../storage/storage.ts'
import { createAssertion } from './assertion.ts'
import { createRegistration } from './registration.ts'
import type { Webauthn } from './webauthn.ts'

export interface WebauthnDeps {
  readonly storage: Pick<Storage, 'webauthn' | 'webauthnChallenges' | 'attempts' | 'bans'>
  readonly audit: Audit
  readonly clock: Clock
  /** `size` random bytes, e.g. `randomBytes`. */
  readonly random: (size: number) => Uint8Array
  readonly log: Logger
}

/** One a server: failures of strangers are counted in it. */
export const createWebauthn = (deps: WebauthnDeps): Webauthn => ({
  ...createRegistration(deps),
  ...createAssertion(deps),
})
