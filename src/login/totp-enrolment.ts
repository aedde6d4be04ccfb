// Setting up one-time codes: a secret is proposed, kept with the session it was proposed to, and stored once a code proves that it arrived. It
// judges neither session nor password; whoever calls it has.
import type { Clock } from '../base/clock.ts'
import type { TotpAlgorithm, TotpConfig } from '../config/config.ts'
import type { TotpConfiguration, TotpRepository } from '../storage/totp-configurations.ts'
import { isCode, type StepOfCode } from './code-check.ts'
import { stepOfCode } from './totp-code.ts'
import { encodeTotpSecret, otpauthUrl } from './totp-registration.ts'

/** How long a proposed secret waits for its first code (milliseconds). */
const PENDING = 10 * 60_000
/** Steps tolerated on either side for the first code, whatever `totp.skew` says: clocks are found wrong at this moment. */
const FIRST_CODE_SKEW = 1

export interface PendingCode {
  /** Base32, without padding. */
  readonly secret: string
  /** `otpauth://totp/…`, for the QR code. */
  readonly otpauthUrl: string
  readonly digits: number
  readonly configuration: TotpConfiguration
}

/** What a person may choose; everything of it must be in the configured lists. */
export interface CodeChoice {
  readonly algorithm: string
  readonly digits: number
  readonly period: number
}

export interface TotpEnrolment {
  /** A new secret, and the text that the session keeps until it is confirmed; undefined when the choice isn't on the lists. */
  propose(
    username: string,
    config: TotpConfig,
    choice: CodeChoice,
  ): { readonly text: string; readonly code: PendingCode } | undefined
  /** The same with what the configuration prefers. */
  begin(username: string, config: TotpConfig): { readonly text: string; readonly code: PendingCode }
  /** What the session kept; undefined when there is nothing, it is too old, or of somebody else. */
  read(text: string | undefined, username: string): PendingCode | undefined
  /** Stores the configuration, in place of an earlier one, when `code` fits it; the step of that code is used up (RFC 6238 §5.2). */
  confirm(username: string, pending: PendingCode, code: string): Promise<'accepted' | 'refused'>
}

export function createTotpEnrolment(deps: {
  readonly codes: TotpRepository
  readonly clock: Clock
  readonly random: (size: number) => Uint8Array
  /** For tests; `stepOfCode` otherwise. */
  readonly stepOf?: StepOfCode
}): TotpEnrolment {
  const { codes, clock, random, stepOf = stepOfCode } = deps

  const pendingOf = (configuration: TotpConfiguration): PendingCode => ({
    secret: encodeTotpSecret(configuration.secret),
    otpauthUrl: otpauthUrl(configuration),
    digits: configuration.digits,
    configuration,
  })

  const make = (
    username: string,
    { issuer, secretSize }: TotpConfig,
    rest: Pick<TotpConfiguration, 'algorithm' | 'digits' | 'period'>,
  ) => {
    const { algorithm, digits, period } = rest
    const configuration: TotpConfiguration = {
      username,
      issuer,
      algorithm,
      digits,
      period,
      secret: random(secretSize),
      createdAt: clock.now(),
      lastUsedAt: undefined,
    }
    return { text: write(configuration), code: pendingOf(configuration) }
  }

  return {
    propose(username, config, choice) {
      const algorithm = config.allowedAlgorithms.find((allowed) => allowed === choice.algorithm)
      const digits = config.allowedDigits.find((allowed) => allowed === choice.digits)
      const period = config.allowedPeriods.find((allowed) => allowed === choice.period)
      if (algorithm === undefined || digits === undefined || period === undefined) return undefined
      return make(username, config, { algorithm, digits, period })
    },

    begin: (username, config) => make(username, config, config),

    read(text, username) {
      const configuration = text === undefined ? undefined : parse(text)
      if (configuration?.username !== username) return undefined
      const age = clock.now() - configuration.createdAt
      return age >= 0 && age < PENDING ? pendingOf(configuration) : undefined
    },

    async confirm(username, { configuration }, code) {
      if (configuration.username !== username || !isCode(code) || code.length !== configuration.digits) return 'refused'
      const now = clock.now()
      const step = stepOf(configuration, code, now, FIRST_CODE_SKEW)
      if (step === undefined) return 'refused'
      await codes.save(configuration)
      // false when the same proposal was confirmed twice at once: then the other one did it
      return (await codes.consumeStep(username, configuration.createdAt, step, now)) ? 'accepted' : 'refused'
    },
  }
}

const write = ({ secret, lastUsedAt: _, ...rest }: TotpConfiguration): string =>
  JSON.stringify({ ...rest, secret: Buffer.from(secret).toString('base64') })

/** Reads only what `write` made: the session store seals it, so its shape is ours. */
function parse(text: string): TotpConfiguration | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown>
    const { username, issuer, algorithm, digits, period, secret, createdAt } = value
    if (typeof username !== 'string' || typeof issuer !== 'string' || typeof secret !== 'string') return undefined
    if (typeof period !== 'number' || typeof createdAt !== 'number' || (digits !== 6 && digits !== 8)) return undefined
    if (algorithm !== 'SHA1' && algorithm !== 'SHA256' && algorithm !== 'SHA512') return undefined
    const checked: TotpAlgorithm = algorithm
    return {
      username,
      issuer,
      algorithm: checked,
      digits,
      period,
      secret: new Uint8Array(Buffer.from(secret, 'base64')),
      createdAt,
      lastUsedAt: undefined,
    }
  } catch {
    return undefined
  }
}
