// Whether a new password is good enough: what `password_policy` asks for and, where it says nothing, a least of our own. Passwords in use are not judged.
import type { ZxcvbnFactory } from '@zxcvbn-ts/core'
import type { PasswordPolicyConfig } from '../config/config.ts'

/** NIST SP 800-63B 5.1.1.2. */
const LEAST_LENGTH = 8
/** zxcvbn's scores: 1 is guessed within a million attempts, 2 within a hundred million. */
const LEAST_SCORE = 2
/** Where the operator has said what passwords must be like, only what is guessed within a thousand attempts is refused besides. */
const LEAST_SCORE_WITH_POLICY = 1
/** The estimate takes time that grows with the square of the length; what follows adds nothing that matters. */
const ESTIMATED = 128

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
  const least =
    policy.kind === 'zxcvbn' ? policy.minScore : policy.kind === 'standard' ? LEAST_SCORE_WITH_POLICY : LEAST_SCORE
  const { score, warning } = await estimate(password, about)
  if (score < least) weaknesses.push({ kind: 'guessable', score, least, warning })
  return weaknesses
}

async function estimate(password: string, about: readonly string[]): Promise<{ score: number; warning: string }> {
  estimator ??= loadEstimator()
  const words = about.flatMap((text) => [text, ...text.split(/[\s@._-]+/)]).filter((word) => word.length > 2)
  const { score, feedback } = (await estimator).check(password.slice(0, ESTIMATED), words)
  return { score, warning: feedback.warning?.replace(/\.$/, '') ?? '' }
}

/** Loaded only when needed, and once: the word lists take most of a second. */
let estimator: Promise<ZxcvbnFactory> | undefined

async function loadEstimator(): Promise<ZxcvbnFactory> {
  const [core, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ])
  return new core.ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
  })
}
