// What the pages where a new password is chosen share: what it must be like, told before and ticked while it is typed (static/choose-password.js), and what was wrong
// with it.
import type { Request } from 'express'
import type { User } from '../../directory/directory.ts'
import type { PasswordWeakness } from '../../directory/password-policy.ts'
import type { PortalSettings } from '../portal.ts'
import type { Screen } from '../view/screen.ts'

/** One thing a password must be like; the script reads how to tell from the attributes, and leaves alone what only the server can tell. */
export type Requirement = {
  readonly text: string
  /** Characters, at least; 0: no matter. */
  readonly least: number
  /** Bytes of UTF-8, at most; 0: no matter. */
  readonly most: number
  /** What must be somewhere in it; '' for nothing. */
  readonly pattern: string
  /** zxcvbn's score, at least; 0: no matter. */
  readonly score: number
}

/** Where nothing is configured this much is asked all the same (see directory/password-policy.ts). */
const LEAST_LENGTH = 8

export function requirementsOf(
  { text }: Screen,
  request: Request,
  { passwordPolicy: policy, passwordScore: score }: PortalSettings,
): readonly Requirement[] {
  const none = { least: 0, most: 0, pattern: '', score: 0 }
  const say = (key: string, values?: Record<string, number>): string => text(request, key, values)
  const atLeast = (least: number): Requirement => ({ ...none, least, text: say('new-password.at-least', { least }) })
  const hard: Requirement = { ...none, score, text: say('new-password.hard-to-guess') }
  if (policy.kind === 'none') return [atLeast(LEAST_LENGTH), hard]
  if (policy.kind === 'zxcvbn') return [hard]
  const demand = (isDemanded: boolean, key: string, pattern: string): readonly Requirement[] =>
    isDemanded ? [{ ...none, pattern, text: say(key) }] : []
  const { minLength, maxLength: most } = policy
  return [
    ...(minLength > 0 ? [atLeast(minLength)] : []),
    ...(most > 0 ? [{ ...none, most, text: say('new-password.at-most', { most }) }] : []),
    ...demand(policy.requireUppercase, 'new-password.uppercase', '[A-Z]'),
    ...demand(policy.requireLowercase, 'new-password.lowercase', '[a-z]'),
    ...demand(policy.requireNumber, 'new-password.number', '[0-9]'),
    ...demand(policy.requireSpecial, 'new-password.special', '[^a-zA-Z0-9]'),
    hard,
  ]
}

/** What makes a password easy to guess for those who know the user, for the script; the server judges by the same. */
export const aboutUser = ({ username, displayName, emails }: User): string =>
  JSON.stringify([username, displayName, ...emails])

/** The first thing wrong, as a whole text. */
export function weaknessText({ text }: Screen, request: Request, [weakness]: readonly PasswordWeakness[]): string {
  switch (weakness?.kind) {
    case 'too-short':
      return text(request, 'new-password.too-short', { least: weakness.least })
    case 'too-long':
      return text(request, 'new-password.too-long', { most: weakness.most })
    case 'no-uppercase':
      return text(request, 'new-password.no-uppercase')
    case 'no-lowercase':
      return text(request, 'new-password.no-lowercase')
    case 'no-number':
      return text(request, 'new-password.no-number')
    case 'no-special':
      return text(request, 'new-password.no-special')
    case 'guessable':
    case undefined:
      return text(request, 'new-password.guessable')
  }
}
