// latchkey hash bcrypt: a hash of this algorithm, with parameters of one's own.
import { Flags } from '@oclif/core'
import { HashCommand, hashFlags, type MadeHash } from '../../cli/crypto/hash-command.ts'
import type { PasswordHashConfig } from '../../config/config.ts'

export default class HashBcrypt extends HashCommand {
  static override summary = 'Make a bcrypt hash.'
  static override description =
    'It looks at 72 bytes of the password; --variant sha256 at all of them. What is not given is as the configuration says.'
  static override examples = [
    '<%= config.bin %> hash bcrypt --cost 13',
    '<%= config.bin %> hash bcrypt --variant sha256',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...hashFlags,
    variant: Flags.string({ char: 'v', options: ['standard', 'sha256'], description: 'standard unless configured.' }),
    cost: Flags.integer({
      char: 'i',
      min: 10,
      max: 31,
      description: '12 unless configured; each step doubles the time.',
    }),
  }

  async run(): Promise<MadeHash> {
    const { flags } = await this.parse(HashBcrypt)
    const configured = this.configuredHash(flags)
    const own = configured.bcrypt
    return this.makeAndPrint(flags, {
      ...configured,
      algorithm: 'bcrypt',
      bcrypt: {
        variant: (flags.variant as PasswordHashConfig['bcrypt']['variant'] | undefined) ?? own.variant,
        cost: flags.cost ?? own.cost,
      },
    })
  }
}
