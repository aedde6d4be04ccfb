// A password that a person can copy from a screen: no letters that look alike, in groups; and that any policy takes.
import { randomInt } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import type { PasswordPolicyConfig } from '../config/config.ts'
import { passwordWeaknesses } from './password-policy.ts'

/** Without 0 O o 1 I l. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const GROUP = 5
/** 20 letters and three dashes: 116 bits. */
const USUAL_LENGTH = 23
const ATTEMPTS = 100

/** @throws Fault `password-policy` when no password that is hard to guess fits the policy */
export async function generatePassword(policy: PasswordPolicyConfig): Promise<string> {
  const standard = policy.kind === 'standard' ? policy : { minLength: 0, maxLength: 0 }
  const wanted = Math.max(USUAL_LENGTH, standard.minLength)
  const length = standard.maxLength > 0 ? Math.min(wanted, standard.maxLength) : wanted
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const password = Array.from({ length }, (_, i) =>
      (i + 1) % (GROUP + 1) === 0 && i < length - 1 ? '-' : LETTERS.charAt(randomInt(LETTERS.length)),
    ).join('')
    if ((await passwordWeaknesses(password, policy, [])).length === 0) return password
  }
  throw new Fault('password-policy', 'No password that password_policy takes is hard to guess.', {
    hint: 'Look at password_policy.standard.max_length.',
  })
}
