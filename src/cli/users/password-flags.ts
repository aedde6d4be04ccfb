// Where a command that sets a user's password takes it from: a person, a pipe, chance, or a hash made elsewhere; and whether it is good enough.
import { Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import type { PasswordHashConfig, PasswordPolicyConfig } from '../../config/config.ts'
import { generatePassword } from '../../directory/generate-password.ts'
import { makeHash, parseHash } from '../../directory/password-hash.ts'
import { passwordWeaknesses } from '../../directory/password-policy.ts'
import { askNewPassword } from '../terminal/ask-password.ts'

export const passwordFlags = {
  generate: Flags.boolean({ description: 'Make a password and print it, this once.', exclusive: ['hash'] }),
  hash: Flags.string({
    description: 'A hash made elsewhere, e.g. by "crypto hash generate"; nothing is known of the password then.',
    helpValue: 'HASH',
  }),
  'allow-weak': Flags.boolean({ description: 'Take a password that the policy refuses.' }),
}

export interface PasswordFlags {
  readonly generate?: boolean | undefined
  readonly hash?: string | undefined
  readonly 'allow-weak'?: boolean | undefined
  readonly force?: boolean | undefined
}
export interface PasswordRules {
  readonly hash: PasswordHashConfig
  readonly policy: PasswordPolicyConfig
}
export interface NewPassword {
  readonly hash: string
  /** Only when it was made here: to be shown once. */
  readonly generated: string | undefined
}

/**
 * @param about what others know of the user
 * @throws Fault `password-weak`, `password-hash`, and those of asking and hashing
 */
export async function newPassword(
  flags: PasswordFlags,
  rules: PasswordRules,
  about: readonly string[],
): Promise<NewPassword> {
  if (flags.hash !== undefined) return { hash: requireHash(flags.hash), generated: undefined }
  if (flags.generate) {
    const generated = await generatePassword(rules.policy)
    return { hash: await makeHash(generated, rules.hash), generated }
  }
  const password = await askNewPassword()
  if (!flags['allow-weak'] && !flags.force) await requireStrong(password, rules.policy, about)
  return { hash: await makeHash(password, rules.hash), generated: undefined }
}

/** @throws Fault `password-weak` */
async function requireStrong(password: string, policy: PasswordPolicyConfig, about: readonly string[]): Promise<void> {
  const weaknesses = await passwordWeaknesses(password, policy, about)
  if (weaknesses.length === 0) return
  throw new Fault('password-weak', `The password ${weaknesses.join(' and ')}.`, {
    hint: 'Choose another one, let --generate make one, or take it all the same with --allow-weak.',
    exitCode: 1,
  })
}

/** @throws Fault `password-hash` */
function requireHash(encoded: string): string {
  const parsed = parseHash(encoded)
  if (parsed.kind === 'ok') return encoded
  throw new Fault('password-hash', `The hash can't be used: ${parsed.reason}.`, {
    hint: 'Put it in single quotes, or the shell takes the parts that begin with $ away.',
    exitCode: 2,
  })
}
