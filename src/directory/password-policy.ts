// Whether a new password is good enough: what `password_policy` asks for and, where it says nothing, a least of our own. Passwords in use are not judged.
import type { PasswordPolicyConfig } from '../config/config.ts'

/** NIST SP 800-63B 5.1.1.2. */
const LEAST_LENGTH = 8
/** zxcvbn's scores: 1 is guessed within a million attempts, 2 within a hundred million. */
const LEAST_SCORE = 2
/** Where the operator has said what passwords must be like, only what is guessed within a thousand attempts is refused besides. */
const LEAST_SCORE_WITH_POLICY = 1

/** What is wrong with a password. */
export type PasswordWeakness =
  | { readonly kind: 'too-short'; readonly least: number }
  /** Bytes. */
  | { readonly kind: 'too-long'; readonly most: number }
  | { readonly kind: 'no-uppercase' | 'no-lowercase' | 'no-number' | 'no-special' }
  /** `warning`: why, in English; '' when the estimate doesn't say. */
  | { readonly kind: 'guessable'; readonly score: number; readonly least: number; readonly warning: string }

/**
 * @param about what others know of the user (name, e-mail address): worth nothing in a password
 * @returns what is wrong with it, as ends of a sentence that begins with "The password"; nothing when it is good
 */
export const passwordWeaknesses = async (
  password: string,
  policy: PasswordPolicyConfig,
  about: readonly string[],
): Promise<readonly string[]> => (await judgePassword(password, policy, about)).map(inWords)

function inWords(weakness: PasswordWeakness): string {
  switch (weakness.kind) {
    case 'too-short':
      return `is shorter than ${weakness.least} characters`
    case 'too-long':
      return `is longer than ${weakness.most} bytes`
    case 'no-uppercase':
      return 'has no capital letter'
    case 'no-lowercase':
      return 'has no small letter'
    case 'no-number':
      return 'has no digit'
    case 'no-special':
      return 'has no special character'
    case 'guessable':
      return `is too easy to guess (${weakness.score} of 4, at least ${weakness.least})${weakness.warning && `: ${weakness.warning}`}`
  }
}

/**
 * The same as facts. The first time takes most of a second, and each estimate some milliseconds, in which nothing else happens in this thread.
 * @param about what others know of the user
 */
export async function judgePassword(
  password: string,
  policy: PasswordPolicyConfig,
  about: readonly string[],
): Promise<readonly PasswordWeakness[]> {
  const weaknesses: PasswordWeakness[] = []
  const length = [...password].length
  switch (policy.kind) {
    case 'none':
      if (length < LEAST_LENGTH) weaknesses.push({ kind: 'too-short', least: LEAST_LENGTH })
      break
    case 'standard':
      if (length < policy.minLength) weaknesses.push({ kind: 'too-short', least: policy.minLength })
      // Bytes, as Authelia counts.
      if (policy.maxLength > 0 && Buffer.byteLength(password) > policy.maxLength) {
        weaknesses.push({ kind: 'too-long', most: policy.maxLength })
      }
      if (policy.requireUppercase && !/[A-Z]/.test(password)) weaknesses.push({ kind: 'no-uppercase' })
      if (policy.requireLowercase && !/[a-z]/.test(password)) weaknesses.push({ kind: 'no-lowercase' })
      if (policy.requireNumber && !/[0-9]/.test(password)) weaknesses.push({ kind: 'no-number' })
      if (policy.requireSpecial && !/[^a-zA-Z0-9]/.test(password)) weaknesses.push({ kind: 'no-special' })
      break
    case 'zxcvbn':
      break
  }
  if (weaknesses.length > 0) return weaknesses
  const least = leastScore(policy)
  const { estimatePassword } = await import('./password-estimate.ts')
  const { score, warning } = estimatePassword(password, about)
  if (score < least) weaknesses.push({ kind: 'guessable', score, least, warning })
  return weaknesses
}

/** zxcvbn's score that a new password needs. */
export function leastScore(policy: PasswordPolicyConfig): number {
  switch (policy.kind) {
    case 'none':
      return LEAST_SCORE
    case 'standard':
      return LEAST_SCORE_WITH_POLICY
    case 'zxcvbn':
      return policy.minScore
  }
}
