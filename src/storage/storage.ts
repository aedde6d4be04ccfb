// Everything that must last, except sessions: one repository a table, its contract beside its SQL, which stays in this folder.
import type { AttemptsRepository } from './attempts.ts'
import type { BansRepository } from './bans.ts'
import type { BrowsersRepository } from './browsers.ts'
import type { DuoRepository } from './duo-devices.ts'
import type { EventsRepository } from './events.ts'
import type { IdentifiersRepository } from './identifiers.ts'
import type { MailsRepository } from './mails.ts'
import type { OneTimeCodesRepository } from './one-time-codes.ts'
import type { PreferencesRepository } from './preferences.ts'
import type { ProofAttemptsRepository } from './proof-attempts.ts'
import type { RecoveryRepository } from './recovery-codes.ts'
import type { ResetTokensRepository } from './reset-tokens.ts'
import type { SettingsRepository } from './settings.ts'
import type { TotpRepository } from './totp-configurations.ts'
import type { WebauthnChallengesRepository } from './webauthn-challenges.ts'
import type { WebauthnRepository } from './webauthn-credentials.ts'

export interface Storage {
  readonly attempts: AttemptsRepository
  readonly bans: BansRepository
  readonly totp: TotpRepository
  readonly webauthn: WebauthnRepository
  readonly webauthnChallenges: WebauthnChallengesRepository
  readonly preferences: PreferencesRepository
  readonly settings: SettingsRepository
  readonly identifiers: IdentifiersRepository
  readonly recovery: RecoveryRepository
  readonly browsers: BrowsersRepository
  readonly mails: MailsRepository
  readonly events: EventsRepository
  readonly duo: DuoRepository
  readonly codes: OneTimeCodesRepository
  readonly resets: ResetTokensRepository
  readonly proofAttempts: ProofAttemptsRepository
  close(): Promise<void>
}
