// What the portal is given by the composition root, and what it gives back. The portal has no policy logic: it asks `policyOf`.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Audit } from '../audit/audit.ts'
import type { Clock } from '../base/clock.ts'
import type { Network } from '../base/ip-address.ts'
import type { Logger } from '../base/log.ts'
import type {
  CookieDomain,
  ElevatedSessionConfig,
  PasswordPolicyConfig,
  RateLimit,
  RateLimitName,
  ResetPasswordConfig,
  TotpConfig,
  WebauthnConfig,
} from '../config/config.ts'
import type { User } from '../directory/directory.ts'
import type { Languages } from '../i18n/languages.ts'
import type { Duo } from '../login/duo/duo.ts'
import type { ElevationCodes } from '../login/elevation-codes.ts'
import type { Login } from '../login/login.ts'
import type { ChangePassword } from '../login/password-change.ts'
import type { PasswordReset } from '../login/password-reset.ts'
import type { Mailer } from '../notify/mailer.ts'
import type { Requirement } from '../policy/model.ts'
import type { Browsers } from '../session/browsers.ts'
import type { PortalSessions, SessionAdmin } from '../session/session.ts'
import type { Storage } from '../storage/storage.ts'

/** Everything that may change with a configuration; read anew for each request through `PortalDeps.settings`. */
export interface PortalSettings {
  readonly cookies: readonly CookieDomain[]
  readonly theme: 'light' | 'dark' | 'grey' | 'oled' | 'auto'
  readonly languages: Languages
  /** '' or '/segment'; pages are served with and without it, links are written with it. */
  readonly basePath: string
  /** `server.headers.csp_template`; undefined is our own policy. */
  readonly cspTemplate: string | undefined
  /** Folder whose favicon.ico and logo.png replace ours; undefined is none. */
  readonly assetPath: string | undefined
  readonly trustedProxies: readonly Network[] | undefined
  /** Some rule, or the default policy, demands two factors (spec 2.9). */
  readonly secondFactorEnabled: boolean
  readonly totpDisabled: boolean
  readonly totp: TotpConfig
  readonly webauthn: WebauthnConfig
  /** How long a browser may be trusted with the second factor (milliseconds); 0: not at all. */
  readonly trustedBrowser: number
  /** There is an account at Duo. */
  readonly hasDuo: boolean
  readonly default2faMethod: '' | 'totp' | 'webauthn' | 'mobile_push'
  readonly rateLimits: Readonly<Record<RateLimitName, RateLimit>>
  readonly elevatedSession: ElevatedSessionConfig
  readonly resetPassword: ResetPasswordConfig
  readonly passwordPolicy: PasswordPolicyConfig
  /** zxcvbn's score that a new password needs. */
  readonly passwordScore: number
  readonly passwordResetDisabled: boolean
  readonly passwordChangeDisabled: boolean
  /** `password_reset.custom_url`: where a forgotten password is set anew; undefined when there is no such place. */
  readonly passwordResetUrl: string | undefined
  /** Whether people are told of sign-ins with a browser or from a network that is new for them. */
  readonly newSignInNotice: boolean
  /** What the policy demands of this user at this address, method and URL; used to decide where a sign-in leads. */
  policyOf(user: User, clientAddress: string, method: string, url: string): Requirement
  /** Hosts written out in rules (no wildcard, no pattern) under this cookie domain, in file order, each once. Which of them a user may open is asked of `policyOf`. */
  hostsOf(cookieDomain: string): readonly string[]
  findUser(username: string): User | undefined | Promise<User | undefined>
  /** Changes with the stored password; undefined when that can't be told. */
  passwordStamp(username: string): string | undefined
}

export type PortalHandler = (request: IncomingMessage, response: ServerResponse) => void

export interface Portal extends PortalHandler {
  /** Reads templates and files for settings that are about to be in force. @throws Fault `portal-template`, and what reading a file throws */
  prepare(settings: PortalSettings): void
}

export interface PortalDeps {
  readonly login: Login
  readonly duo: Duo
  readonly sessions: PortalSessions & SessionAdmin
  readonly browsers: Browsers
  readonly storage: Pick<
    Storage,
    'attempts' | 'bans' | 'browsers' | 'duo' | 'preferences' | 'recovery' | 'totp' | 'webauthn' | 'webauthnChallenges'
  >
  readonly elevation: ElevationCodes
  readonly resets: PasswordReset
  readonly changePassword: ChangePassword
  readonly audit: Audit
  readonly mailer: Mailer
  readonly clock: Clock
  readonly log: Logger
  settings(): PortalSettings
}
