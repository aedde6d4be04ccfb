// One-time codes of RFC 6238, computed by otplib: the code of a time step, and the step a code belongs to. Pure; what was used before is storage's.
import { createGuardrails, generateSync } from 'otplib'
import { equalSecret } from '../base/secret.ts'
import type { TotpConfiguration } from '../storage/totp-configurations.ts'

/** What codes are computed from; `secret` is bytes, `period` seconds. */
export type TotpParameters = Pick<TotpConfiguration, 'secret' | 'algorithm' | 'digits' | 'period'>

/** otplib's own limits are those of new devices; what an operator configured or brought along long ago must work too. */
const guardrails = createGuardrails({ MIN_SECRET_BYTES: 1, MAX_SECRET_BYTES: 1024, MAX_PERIOD: 86400 })

const ALGORITHMS = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const

/** The time step of `now` (milliseconds since the epoch). */
export const timeStep = (now: number, period: number): number => Math.floor(now / 1000 / period)

/** The code of a time step: exactly `digits` ASCII digits. */
export function codeOfStep({ secret, algorithm, digits, period }: TotpParameters, step: number): string {
  return generateSync({
    secret: new Uint8Array(secret),
    algorithm: ALGORITHMS[algorithm],
    digits,
    period,
    epoch: step * period,
    guardrails,
  })
}

/**
 * The time step that `code` belongs to, among those at most `skew` steps from that of `now` (milliseconds); undefined when it is none of theirs.
 * Every step is computed and compared in constant time, whichever matches; the one closest to now wins.
 */
export function stepOfCode(parameters: TotpParameters, code: string, now: number, skew: number): number | undefined {
  const current = timeStep(now, parameters.period)
  let matching: number | undefined
  for (let distance = skew; distance >= 0; distance -= 1) {
    for (const step of new Set([current + distance, current - distance])) {
      if (step >= 0 && equalSecret(codeOfStep(parameters, step), code)) matching = step
    }
  }
  return matching
}
