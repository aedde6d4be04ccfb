// latchkey hash pbkdf2: a hash of this algorithm, with parameters of one's own.
import { Flags } from '@oclif/core'
import { HashCommand, hashFlags, type MadeHash } from '../../cli/crypto/hash-command.ts'
import type { PasswordHashConfig } from '../../config/config.ts'

export default class HashPbkdf2 extends HashCommand {
  static override summary = 'Make a PBKDF2 hash (RFC 8018).'
  static override description = 'What is not given is as the configuration says.'
  static override examples = ['<%= config.bin %> hash pbkdf2 --variant sha256 --iterations 600000']
  static override enableJsonFlag = true
  static override flags = {
    ...hashFlags,
    variant: Flags.string({
      char: 'v',
      options: ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
      description: 'Digest; sha512 unless configured.',
    }),
    iterations: Flags.integer({ char: 'i', min: 100_000, description: '310000 unless configured.' }),
    'salt-size': Flags.integer({
      char: 's',
      min: 8,
      max: 1024,
      description: 'Bytes of the salt; 16 unless configured.',
    }),
  }

  async run(): Promise<MadeHash> {
    const { flags } = await this.parse(HashPbkdf2)
    const configured = this.configuredHash(flags)
    const own = configured.pbkdf2
    return this.makeAndPrint(flags, {
      ...configured,
      algorithm: 'pbkdf2',
      pbkdf2: {
        variant: (flags.variant as PasswordHashConfig['pbkdf2']['variant'] | undefined) ?? own.variant,
        iterations: flags.iterations ?? own.iterations,
        saltLength: flags['salt-size'] ?? own.saltLength,
      },
    })
  }
}
