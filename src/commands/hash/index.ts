// latchkey hash: makes the password hash that goes into the users file, as the configuration says. One algorithm with its parameters: beside this file.
import { Args } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { HashCommand, hashFlags, type MadeHash } from '../../cli/crypto/hash-command.ts'
import type { PasswordHashConfig } from '../../config/config.ts'
import { closestName } from '../../yaml/closest-name.ts'

const ALGORITHMS = ['argon2', 'sha2crypt', 'pbkdf2', 'bcrypt', 'scrypt'] as const

export default class Hash extends HashCommand {
  static override summary = 'Make a password hash for the users file.'
  static override description =
    'Asks for the password, or reads it from a pipe. The parameters are those of the configuration, if there is one; `hash argon2 --help` and its neighbours list them.'
  static override examples = [
    '<%= config.bin %> hash',
    '<%= config.bin %> hash --random --random.length 20',
    '<%= config.bin %> hash argon2 --memory 131072 --iterations 4',
    'printf %s "$PASSWORD" | <%= config.bin %> hash',
  ]
  static override enableJsonFlag = true
  static override args = {
    algorithm: Args.string({
      ignoreStdin: true,
      description: 'argon2 (the default and the best), sha2crypt, pbkdf2, bcrypt or scrypt.',
    }),
  }
  static override flags = hashFlags

  async run(): Promise<MadeHash> {
    const { args, flags } = await this.parse(Hash)
    const named = args.algorithm === undefined ? undefined : knownAlgorithm(args.algorithm)
    const configured = this.configuredHash(flags)
    return this.makeAndPrint(flags, { ...configured, algorithm: named ?? configured.algorithm })
  }
}

/** Doesn't repeat the word: it may be a password. @throws Fault `hash-algorithm` */
function knownAlgorithm(word: string): PasswordHashConfig['algorithm'] {
  const known = ALGORITHMS.find((name) => name === word)
  if (known) return known
  const meant = closestName(word, [...ALGORITHMS, 'verify', 'tune'])
  throw new Fault('hash-algorithm', `The word behind "hash" is none of its algorithms: ${ALGORITHMS.join(', ')}.`, {
    hint: meant
      ? `Did you mean "latchkey hash ${meant}"?`
      : 'The password itself is asked for, or comes through a pipe: a command line can be seen by others.',
    exitCode: 2,
  })
}
