// How long a password would resist guessing. Slow to load, as the word lists are large. Browsers run this very file as well (scripts/build.ts makes one
// script of it), so that a page says while somebody types what the server will say: nothing of Node may be in here.
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as english from '@zxcvbn-ts/language-en'

/** The estimate takes time that grows with the square of the length; what follows adds nothing that matters. */
const ESTIMATED = 128

const estimator = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...english.dictionary },
  graphs: common.adjacencyGraphs,
  translations: english.translations,
})

/**
 * Some milliseconds.
 * @param about what others know of the user (name, e-mail address): worth nothing in a password
 * @returns `score`: zxcvbn's, 0 to 4; `warning`: why it is low, in English, '' when that isn't known
 */
export function estimatePassword(
  password: string,
  about: readonly string[],
): { readonly score: number; readonly warning: string } {
  const words = about.flatMap((text) => [text, ...text.split(/[\s@._-]+/)]).filter((word) => word.length > 2)
  const { score, feedback } = estimator.check(password.slice(0, ESTIMATED), words)
  return { score, warning: feedback.warning?.replace(/\.$/, '') ?? '' }
}
