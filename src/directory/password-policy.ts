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

/**
 * @param about what others know of the user (name, e-mail address): worth nothing in a password
 * @returns what is wrong with it, as ends of a sentence that begins with "The password"; nothing when it is good
 */
export async function passwordWeaknesses(
  password: string,
  policy: PasswordPolicyConfig,
  about: readonly string[],
): Promise<readonly string[]> {
  const weaknesses: string[] = []
  const length = [...password].length
  switch (policy.kind) {
    case 'none':
      if (length < LEAST_LENGTH) weaknesses.push(`is shorter than ${LEAST_LENGTH} characters`)
      break
    case 'standard':
      if (length < policy.minLength) weaknesses.push(`is shorter than ${policy.minLength} characters`)
      // Bytes, as Authelia counts.
      if (policy.maxLength > 0 && Buffer.byteLength(password) > policy.maxLength) {
        weaknesses.push(`is longer than ${policy.maxLength} bytes`)
      }
      if (policy.requireUppercase && !/[A-Z]/.test(password)) weaknesses.push('has no capital letter')
      if (policy.requireLowercase && !/[a-z]/.test(password)) weaknesses.push('has no small letter')
      if (policy.requireNumber && !/[0-9]/.test(password)) weaknesses.push('has no digit')
      if (policy.requireSpecial && !/[^a-zA-Z0-9]/.test(password)) weaknesses.push('has no special character')
      break
    case 'zxcvbn':
      break
  }
  if (weaknesses.length > 0) return weaknesses
  const least =
    policy.kind === 'zxcvbn' ? policy.minScore : policy.kind === 'standard' ? LEAST_SCORE_WITH_POLICY : LEAST_SCORE
  const { score, warning } = await estimate(password, about)
  if (score < least) weaknesses.push(`is too easy to guess (${score} of 4, at least ${least})${warning}`)
  return weaknesses
}

async function estimate(password: string, about: readonly string[]): Promise<{ score: number; warning: string }> {
  estimator ??= loadEstimator()
  const words = about.flatMap((text) => [text, ...text.split(/[\s@._-]+/)]).filter((word) => word.length > 2)
  const { score, feedback } = (await estimator).check(password.slice(0, ESTIMATED), words)
  return { score, warning: feedback.warning ? `: ${feedback.warning.replace(/\.$/, '')}` : '' }
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
