// From validated data to what the server runs on: milliseconds, absolute paths, inherited values. Nothing can be wrong here any more.
import { resolve } from 'node:path'
import type { Position } from '../../yaml/problem.ts'
import type { CompleteConfig } from '../complete.generated.ts'
import type {
  Config,
  DirectoryConfig,
  DuoConfig,
  IdentityValidationConfig,
  PasswordHashConfig,
  PasswordPolicyConfig,
  TotpConfig,
  WebauthnConfig,
} from '../config.ts'
import { deriveAccessControl } from './access-control.ts'
import { milliseconds } from './milliseconds.ts'
import { deriveNotifier } from './notifier.ts'
import { deriveServer } from './server.ts'
import { deriveSession } from './session.ts'

export interface Origin {
  /** Where relative paths begin. */
  readonly cwd: string
  readonly rulePosition: (index: number) => Position | undefined
  readonly sourceFiles: readonly string[]
  readonly sourceDirectories: readonly string[]
}

export function derive(input: CompleteConfig, origin: Origin): Config {
  const { password_reset: reset, password_change: change } = input.authentication_backend
  const elevated = input.identity_validation.elevated_session
  return {
    theme: input.theme,
    language: input.language,
    watch: input.watch,
    log: {
      level: input.log.level,
      format: input.log.format,
      filePath: input.log.file_path,
      keepStdout: input.log.keep_stdout,
    },
    server: deriveServer(input.server, {
      code: milliseconds(elevated.code_lifespan),
      elevation: milliseconds(elevated.elevation_lifespan),
    }),
    directory: deriveDirectory(input.authentication_backend, origin.cwd),
    accessControl: deriveAccessControl(input, origin.rulePosition),
    session: deriveSession(input.session, input.default_redirection_url),
    regulation: {
      modes: input.regulation.modes.length > 0 ? [...new Set(input.regulation.modes)] : ['user'],
      maxRetries: Math.max(0, input.regulation.max_retries),
      findTime: milliseconds(input.regulation.find_time),
      banTime: milliseconds(input.regulation.ban_time),
    },
    totp: deriveTotp(input.totp),
    webauthn: deriveWebauthn(input.webauthn),
    audit: { retention: milliseconds(input.audit.retention) },
    duo: deriveDuo(input.duo_api),
    storage: {
      encryptionKey: input.storage.encryption_key ?? '',
      path: resolve(origin.cwd, input.storage.local?.path ?? ''),
    },
    notifier: deriveNotifier(input.notifier, origin.cwd),
    certificatesDirectory:
      input.certificates_directory === undefined ? undefined : resolve(origin.cwd, input.certificates_directory),
    default2faMethod: input.default_2fa_method ?? '',
    passwordReset: { disable: reset.disable, customUrl: reset.custom_url },
    passwordChange: { disable: change.disable },
    passwordPolicy: derivePasswordPolicy(input.password_policy),
    identityValidation: deriveIdentityValidation(input.identity_validation),
    sourceFiles: origin.sourceFiles,
    sourceDirectories: origin.sourceDirectories,
    input,
  }
}

function deriveDirectory(backend: CompleteConfig['authentication_backend'], cwd: string): DirectoryConfig {
  const { file, refresh_interval: refresh } = backend
  if (!file) throw new Error('unvalidated authentication_backend')
  const usual = file.watch ? 'always' : '5m'
  const interval = refresh ?? usual
  return {
    refreshInterval: interval === 'always' || interval === 'disable' ? interval : milliseconds(interval),
    file: {
      path: resolve(cwd, file.path),
      // Authelia's default is not to watch; here a change counts unless somebody wrote that it shall not.
      watch: file.watch ?? true,
      search: { email: file.search.email, caseInsensitive: file.search.case_insensitive },
      password: derivePassword(file.password),
      extraAttributes: Object.fromEntries(
        Object.entries(file.extra_attributes ?? {}).map(([name, attribute]) => [
          name,
          { valueType: attribute.value_type, multiValued: attribute.multi_valued },
        ]),
      ),
    },
  }
}

type Password = NonNullable<CompleteConfig['authentication_backend']['file']>['password']

const PBKDF2_ITERATIONS = {
  sha1: 1_600_000,
  sha224: 900_000,
  sha256: 700_000,
  sha384: 280_000,
  sha512: 310_000,
} as const

function derivePassword({ algorithm, argon2, sha2crypt, pbkdf2, bcrypt, scrypt }: Password): PasswordHashConfig {
  return {
    algorithm,
    argon2: {
      variant: argon2.variant,
      iterations: argon2.iterations,
      memory: argon2.memory,
      parallelism: argon2.parallelism,
      keyLength: argon2.key_length,
      saltLength: argon2.salt_length,
    },
    sha2crypt: { variant: sha2crypt.variant, iterations: sha2crypt.iterations, saltLength: sha2crypt.salt_length },
    pbkdf2: {
      variant: pbkdf2.variant,
      iterations: pbkdf2.iterations ?? PBKDF2_ITERATIONS[pbkdf2.variant],
      saltLength: pbkdf2.salt_length,
    },
    bcrypt: { variant: bcrypt.variant, cost: bcrypt.cost },
    scrypt: {
      variant: scrypt.variant,
      iterations: scrypt.iterations,
      blockSize: scrypt.block_size,
      parallelism: scrypt.parallelism,
      keyLength: scrypt.key_length,
      saltLength: scrypt.salt_length,
    },
  }
}

/** Not both are enabled. */
function derivePasswordPolicy({ standard, zxcvbn }: CompleteConfig['password_policy']): PasswordPolicyConfig {
  if (zxcvbn.enabled) return { kind: 'zxcvbn', minScore: zxcvbn.min_score }
  if (!standard.enabled) return { kind: 'none' }
  return {
    kind: 'standard',
    minLength: standard.min_length,
    maxLength: standard.max_length,
    requireUppercase: standard.require_uppercase,
    requireLowercase: standard.require_lowercase,
    requireNumber: standard.require_number,
    requireSpecial: standard.require_special,
  }
}

/** 30^5 codes are 24 bits; with fewer characters the limit of guesses would be all that stands in the way. */
export const LEAST_CODE = 5
const USUAL_CODE = 8

function deriveIdentityValidation(input: CompleteConfig['identity_validation']): IdentityValidationConfig {
  const { reset_password: reset, elevated_session: elevated } = input
  return {
    resetPassword: {
      secret: reset.jwt_secret,
      algorithm: reset.jwt_algorithm,
      lifespan: milliseconds(reset.jwt_lifespan),
    },
    elevatedSession: {
      codeLifespan: milliseconds(elevated.code_lifespan),
      elevationLifespan: milliseconds(elevated.elevation_lifespan),
      // 0 is the default, as in Authelia
      characters: elevated.characters === 0 ? USUAL_CODE : Math.max(LEAST_CODE, elevated.characters),
      requireSecondFactor: elevated.require_second_factor,
      skipSecondFactor: elevated.skip_second_factor,
    },
  }
}

/** The default of each is always among those that are allowed. */
function deriveTotp(totp: CompleteConfig['totp']): TotpConfig {
  return {
    disable: totp.disable,
    issuer: totp.issuer,
    algorithm: totp.algorithm,
    digits: totp.digits,
    period: totp.period,
    skew: totp.skew,
    secretSize: totp.secret_size,
    allowedAlgorithms: [...new Set([totp.algorithm, ...(totp.allowed_algorithms ?? [])])],
    allowedDigits: [...new Set([totp.digits, ...(totp.allowed_digits ?? [])])],
    allowedPeriods: [...new Set([totp.period, ...(totp.allowed_periods ?? [])])],
    disableReuseSecurityPolicy: totp.disable_reuse_security_policy,
  }
}

function deriveWebauthn(webauthn: CompleteConfig['webauthn']): WebauthnConfig {
  const { filtering, selection_criteria: criteria } = webauthn
  return {
    disable: webauthn.disable,
    passkeyLogin: webauthn.enable_passkey_login,
    verifiedPasskeyIsTwoFactors: webauthn.experimental_enable_passkey_uv_two_factors,
    passkeyUpgrade: webauthn.experimental_enable_passkey_upgrade,
    displayName: webauthn.display_name,
    attestation: webauthn.attestation_conveyance_preference,
    timeout: milliseconds(webauthn.timeout) || 60_000,
    permittedAaguids: (filtering.permitted_aaguids ?? []).map(plainUuid),
    prohibitedAaguids: (filtering.prohibited_aaguids ?? []).map(plainUuid),
    prohibitBackupEligibility: filtering.prohibit_backup_eligibility,
    attachment: criteria.attachment,
    discoverability: criteria.discoverability,
    userVerification: criteria.user_verification,
  }
}

/** `urn:uuid:…`, braces, no dashes: as the format permits them. */
function plainUuid(text: string): string {
  const digits = text.toLowerCase().replace(/^urn:uuid:|[{}-]/g, '')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Without keys it is off, as with Authelia. */
function deriveDuo(duo: CompleteConfig['duo_api']): DuoConfig | undefined {
  const { hostname, integration_key: integrationKey, secret_key: secretKey } = duo ?? {}
  if (!duo || duo.disable || !hostname || !integrationKey || !secretKey) return undefined
  return { hostname, integrationKey, secretKey, selfEnrolment: duo.enable_self_enrollment }
}
