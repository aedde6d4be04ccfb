// latchkey crypto hash generate: makes the password hash that goes into the users file.
import { randomBytes } from 'node:crypto'
import { Args, Flags } from '@oclif/core'
import { askNewPassword } from '../../../cli/ask-password.ts'
import { ConfigCommand, configFlags } from '../../../cli/config-command.ts'
import type { PasswordHashConfig } from '../../../config/config.ts'
import { defaultHash, makeHash } from '../../../directory/password-hash.ts'

const ALGORITHMS = ['argon2', 'sha2crypt', 'pbkdf2', 'bcrypt', 'scrypt'] as const

export default class CryptoHashGenerate extends ConfigCommand {
  static override description =
    'Make a password hash for the users file. Asks for the password, or reads it from a pipe. With --config the parameters are those of the configuration.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --random',
    'printf \'%s\' "$PASSWORD" | <%= config.bin %> <%= command.id %> bcrypt',
  ]
  static override enableJsonFlag = true
  static override args = {
    algorithm: Args.string({
      options: [...ALGORITHMS],
      ignoreStdin: true,
      description: 'argon2 (the default and the best), sha2crypt, pbkdf2, bcrypt or scrypt.',
    }),
  }
  static override flags = {
    ...configFlags,
    password: Flags.string({
      description: 'The password. Other users of this machine can see it; better be asked.',
      exclusive: ['random'],
    }),
    random: Flags.boolean({ description: 'Make a random password, print it, and hash it.' }),
  }

  async run(): Promise<{ password?: string; hash: string }> {
    const { args, flags } = await this.parse(CryptoHashGenerate)
    const configured = flags.config ? this.load(flags).config.directory.file.password : defaultHash
    const algorithm = (args.algorithm ?? configured.algorithm) as PasswordHashConfig['algorithm']
    const made = flags.random ? randomBytes(18).toString('base64url') : undefined
    const hash = await makeHash(made ?? flags.password ?? (await askNewPassword()), { ...configured, algorithm })
    if (made !== undefined) this.log(`Password: ${made}`)
    this.log(`Digest: ${hash}`)
    return made === undefined ? { hash } : { password: made, hash }
  }
}
