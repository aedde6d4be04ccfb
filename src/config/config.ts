// What the server runs on: derived from validated input, milliseconds instead of duration texts, every default and inheritance applied.
// What a person writes is `ConfigInput` in types.ts (generated from schemas/).
import type { Network } from '../base/ip-address.ts'
import type { Requirement } from '../policy/model.ts'
import type { Position } from '../yaml/problem.ts'
import type { CompleteConfig } from './complete.generated.ts'

export interface Config {
  readonly theme: 'light' | 'dark' | 'grey' | 'oled' | 'auto'
  /** Tag of the language for whoever wishes none that there are texts in; `de`. */
  readonly language: string
  readonly log: LogConfig
  readonly server: ServerConfig
  readonly directory: DirectoryConfig
  readonly accessControl: AccessControlConfig
  readonly session: SessionConfig
  readonly regulation: RegulationConfig
  readonly totp: TotpConfig
  readonly webauthn: WebauthnConfig
  /** How long security events and sign-in attempts are kept, milliseconds. Ours; Authelia has no such key. */
  readonly audit: { readonly retention: number }
  /** undefined: no account, or switched off. */
  readonly duo: DuoConfig | undefined
  readonly storage: StorageConfig
  readonly notifier: NotifierConfig
  /** `certificates_directory`: authorities to trust besides the usual ones. Absolute; undefined when not configured. */
  readonly certificatesDirectory: string | undefined
  /** `default_2fa_method`; '' when not set. */
  readonly default2faMethod: '' | 'totp' | 'webauthn' | 'mobile_push'
  readonly passwordReset: { readonly disable: boolean; readonly customUrl: string | undefined }
  readonly passwordChange: { readonly disable: boolean }
  readonly passwordPolicy: PasswordPolicyConfig
  readonly identityValidation: IdentityValidationConfig
  /** Files whose change means that this configuration is out of date: configuration files, secret files, templates read by filters. */
  readonly sourceFiles: readonly string[]
  /** Folders in which a new, changed or deleted `*.yml` or `*.yaml` means the same. Absolute paths. */
  readonly sourceDirectories: readonly string[]
  /** Whether changes of those are to be noticed. */
  readonly watch: boolean
  /** What all of this was derived from, to tell a person what is in force and what a change would change. Nothing is decided by it. */
  readonly input: CompleteConfig
}

export interface LogConfig {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  readonly format: 'text' | 'json'
  readonly filePath: string | undefined
  readonly keepStdout: boolean
}

/** Where to listen. `host` '' means every interface. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly family: 0 | 4 | 6 }
  | { readonly kind: 'unix'; readonly path: string; readonly umask: number | undefined }
  | { readonly kind: 'fd'; readonly fd: number }

export interface ServerConfig {
  readonly address: ListenAddress
  /** '' or '/segment'; routes are served with and without it. */
  readonly basePath: string
  readonly tls:
    | { readonly keyFile: string; readonly certificateFile: string; readonly clientCertificateFiles: readonly string[] }
    | undefined
  readonly buffers: { readonly read: number; readonly write: number }
  /** Milliseconds. */
  readonly timeouts: { readonly read: number; readonly write: number; readonly idle: number }
  /** undefined: not configured (loopback and private peers may ask, with a warning). Ours; Authelia has no such key. */
  readonly trustedProxies: readonly Network[] | undefined
  readonly cspTemplate: string | undefined
  readonly assetPath: string | undefined
  readonly disableHealthcheck: boolean
  readonly endpoints: readonly AuthzEndpoint[]
  readonly rateLimits: Readonly<Record<RateLimitName, RateLimit>>
}

export type RateLimitName =
  | 'reset_password_start'
  | 'reset_password_finish'
  | 'second_factor_totp'
  | 'second_factor_duo'
  | 'session_elevation_start'
  | 'session_elevation_finish'
/** A token bucket starts full with `requests` and regains one per `period` (milliseconds). Every bucket must admit. */
export interface RateLimit {
  readonly enable: boolean
  readonly buckets: readonly { readonly period: number; readonly requests: number }[]
}

export type Implementation = 'ForwardAuth' | 'AuthRequest' | 'ExtAuthz' | 'Legacy'
export type StrategyName =
  | 'CookieSession'
  | 'HeaderAuthorization'
  | 'HeaderProxyAuthorization'
  | 'HeaderAuthRequestProxyAuthorization'
  | 'HeaderLegacy'
export interface AuthzEndpoint {
  readonly name: string
  readonly implementation: Implementation
  readonly strategies: readonly AuthnStrategy[]
}
export interface AuthnStrategy {
  readonly name: StrategyName
  /** Lower case. Empty for CookieSession and HeaderLegacy. */
  readonly schemes: readonly ('basic' | 'bearer')[]
  /** Milliseconds; 0 is no cache. */
  readonly schemeBasicCacheLifespan: number
}

export interface DirectoryConfig {
  /** Milliseconds, or a word. */
  readonly refreshInterval: number | 'always' | 'disable'
  readonly file: {
    readonly path: string
    readonly watch: boolean
    readonly search: { readonly email: boolean; readonly caseInsensitive: boolean }
    readonly password: PasswordHashConfig
    readonly extraAttributes: Readonly<
      Record<string, { readonly valueType: 'string' | 'integer' | 'boolean'; readonly multiValued: boolean }>
    >
  }
}

/** What a new password must be like. */
export type PasswordPolicyConfig =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'standard'
      readonly minLength: number
      /** 0 is none. */
      readonly maxLength: number
      readonly requireUppercase: boolean
      readonly requireLowercase: boolean
      readonly requireNumber: boolean
      readonly requireSpecial: boolean
    }
  | { readonly kind: 'zxcvbn'; readonly minScore: number }

/** How somebody shows who he is before something sensitive happens. */
export interface IdentityValidationConfig {
  readonly resetPassword: ResetPasswordConfig
  readonly elevatedSession: ElevatedSessionConfig
}
/** The link that sets a forgotten password anew. */
export interface ResetPasswordConfig {
  /** undefined only where `password_reset.disable` is true. */
  readonly secret: string | undefined
  readonly algorithm: 'HS256' | 'HS384' | 'HS512'
  /** Milliseconds. */
  readonly lifespan: number
}
/** The code by mail before an account is changed. */
export interface ElevatedSessionConfig {
  /** Milliseconds. */
  readonly codeLifespan: number
  readonly elevationLifespan: number
  /** Of a code; enough that it can't be guessed. */
  readonly characters: number
  readonly requireSecondFactor: boolean
  readonly skipSecondFactor: boolean
}

/** How new hashes are made (memory in KiB). */
export interface PasswordHashConfig {
  readonly algorithm: 'argon2' | 'sha2crypt' | 'pbkdf2' | 'bcrypt' | 'scrypt'
  readonly argon2: {
    readonly variant: 'argon2id' | 'argon2i' | 'argon2d'
    readonly iterations: number
    readonly memory: number
    readonly parallelism: number
    readonly keyLength: number
    readonly saltLength: number
  }
  readonly sha2crypt: {
    readonly variant: 'sha256' | 'sha512'
    readonly iterations: number
    readonly saltLength: number
  }
  readonly pbkdf2: {
    readonly variant: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'
    readonly iterations: number
    readonly saltLength: number
  }
  readonly bcrypt: { readonly variant: 'standard' | 'sha256'; readonly cost: number }
  readonly scrypt: {
    readonly variant: 'scrypt' | 'yescrypt'
    /** log2 of N. */
    readonly iterations: number
    readonly blockSize: number
    readonly parallelism: number
    readonly keyLength: number
    readonly saltLength: number
  }
}

export interface AccessControlConfig {
  readonly defaultPolicy: Requirement
  readonly rules: readonly RuleConfig[]
  /** Named networks of `definitions.network` and `access_control.networks`. */
  readonly networks: Readonly<Record<string, readonly Network[]>>
}

/** One rule as written, lists normalised; names of networks are resolved by the policy's compiler. */
export interface RuleConfig {
  readonly domain: readonly string[]
  readonly domainRegex: readonly string[]
  readonly policy: Requirement
  /** OR of ANDs, e.g. [['user:john'], ['group:dev', 'group:admins']]. */
  readonly subject: readonly (readonly string[])[]
  readonly networks: readonly string[]
  readonly resources: readonly string[]
  readonly methods: readonly string[]
  /** OR of ANDs. */
  readonly query: readonly (readonly QueryCriterion[])[]
  /** Where the rule stands, for messages. */
  readonly position: Position | undefined
}
export interface QueryCriterion {
  readonly operator: 'present' | 'absent' | 'equal' | 'not equal' | 'pattern' | 'not pattern'
  readonly key: string
  readonly value: string
}

export interface SessionConfig {
  readonly secret: string | undefined
  /** In file order; the first whose domain covers a host applies. Never empty. */
  readonly cookies: readonly CookieDomain[]
  /** How long a browser may be trusted with the second factor (milliseconds); 0: not at all. */
  readonly trustedBrowser: number
}
export interface CookieDomain {
  /** Without leading dot, lower case. */
  readonly domain: string
  /** `authelia_url`, with a trailing '/' on its path; undefined only in the legacy `session.domain` form. */
  readonly portalUrl: string | undefined
  readonly defaultRedirectionUrl: string | undefined
  /** Cookie name; `__Secure-latchkey_session` unless configured. */
  readonly name: string
  readonly sameSite: 'lax' | 'strict' | 'none'
  /** Milliseconds. */
  readonly expiration: number
  readonly inactivity: number
  /** Milliseconds; 0 when remember-me is off. */
  readonly rememberMe: number
}

export interface RegulationConfig {
  readonly modes: readonly ('user' | 'ip')[]
  /** 0 turns new bans off. */
  readonly maxRetries: number
  /** Milliseconds. */
  readonly findTime: number
  readonly banTime: number
}

export interface TotpConfig {
  readonly disable: boolean
  readonly issuer: string
  readonly algorithm: TotpAlgorithm
  readonly digits: 6 | 8
  /** Seconds. */
  readonly period: number
  /** Steps accepted on either side. */
  readonly skew: number
  /** Bytes of a new secret. */
  readonly secretSize: number
  readonly allowedAlgorithms: readonly TotpAlgorithm[]
  readonly allowedDigits: readonly (6 | 8)[]
  readonly allowedPeriods: readonly number[]
  readonly disableReuseSecurityPolicy: boolean
}
export type TotpAlgorithm = 'SHA1' | 'SHA256' | 'SHA512'

export interface WebauthnConfig {
  readonly disable: boolean
  /** `enable_passkey_login` */
  readonly passkeyLogin: boolean
  /** `experimental_enable_passkey_uv_two_factors`: a passkey that verified its user counts as two factors. */
  readonly verifiedPasskeyIsTwoFactors: boolean
  /** `experimental_enable_passkey_upgrade`: keys that weren't reported as discoverable may prove to be when one signs in. */
  readonly passkeyUpgrade: boolean
  readonly displayName: string
  readonly attestation: 'none' | 'indirect' | 'direct'
  /** Milliseconds. */
  readonly timeout: number
  /** Lower case with dashes; empty: any. Never both lists. */
  readonly permittedAaguids: readonly string[]
  readonly prohibitedAaguids: readonly string[]
  readonly prohibitBackupEligibility: boolean
  readonly attachment: 'platform' | 'cross-platform' | undefined
  readonly discoverability: Preference
  readonly userVerification: Preference
}
type Preference = 'discouraged' | 'preferred' | 'required'
/** An account at Duo, whose pushes and passcodes are a second factor. */
export interface DuoConfig {
  /** Host of its API, with the port where that isn't 443. */
  readonly hostname: string
  readonly integrationKey: string
  readonly secretKey: string
  /** Whoever has no device at Duo yet is shown Duo's page to enrol one. */
  readonly selfEnrolment: boolean
}

export interface StorageConfig {
  readonly encryptionKey: string
  /** Path of `storage.local.path` as written, resolved against the working directory. */
  readonly path: string
}

export interface NotifierConfig {
  readonly startupCheck: boolean
  /** Folder whose templates replace ours; absolute. */
  readonly templatePath: string | undefined
  /** Tell a user of a sign-in from a browser or network that is new for him. Ours; Authelia has no such key. */
  readonly newSignInNotice: boolean
  readonly transport: FileNotifierConfig | SmtpConfig
}
export interface FileNotifierConfig {
  readonly kind: 'file'
  /** Absolute. */
  readonly path: string
}
export interface SmtpConfig {
  readonly kind: 'smtp'
  readonly host: string
  readonly port: number
  /** From the first byte on, by STARTTLS or not at all, by STARTTLS where it is offered, never. */
  readonly encryption: 'implicit' | 'required' | 'offered' | 'none'
  /** Milliseconds, for each step of the conversation. */
  readonly timeout: number
  readonly credentials: { readonly username: string; readonly password: string } | undefined
  readonly sender: { readonly address: string; readonly name: string }
  /** `{title}` is replaced. */
  readonly subject: string
  /** What we call ourselves in EHLO. */
  readonly identifier: string
  readonly html: boolean
  readonly tls: TlsClientConfig
}

/** How to speak TLS to another server. */
export interface TlsClientConfig {
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
  readonly skipVerify: boolean
  /** Name that the certificate must carry; undefined: that of the server asked for. */
  readonly serverName: string | undefined
  /** PEM. */
  readonly privateKey: string | undefined
  /** PEM. */
  readonly certificateChain: string | undefined
}
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
