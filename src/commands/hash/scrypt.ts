// latchkey hash scrypt: a hash of this algorithm, with parameters of one's own.
import { Flags } from '@oclif/core'
import { HashCommand, hashFlags, type MadeHash } from '../../cli/crypto/hash-command.ts'
import type { PasswordHashConfig } from '../../config/config.ts'

export default class HashScrypt extends HashCommand {
  static override summary = 'Make an scrypt hash (RFC 7914).'
  static override description = 'What is not given is as the configuration says.'
  static override examples = ['<%= config.bin %> hash scrypt --iterations 17']
  static override enableJsonFlag = true
  static override flags = {
    ...hashFlags,
    variant: Flags.string({
      char: 'v',
      options: ['scrypt', 'yescrypt'],
      description: 'scrypt; yescrypt is known by name only.',
    }),
    iterations: Flags.integer({ char: 'i', min: 1, max: 58, description: 'log2 of N; 16 unless configured.' }),
    'block-size': Flags.integer({ char: 'r', min: 1, description: 'r; 8 unless configured.' }),
    parallelism: Flags.integer({ char: 'p', min: 1, description: 'p; 1 unless configured.' }),
    'key-size': Flags.integer({ char: 'k', min: 4, max: 1024, description: 'Bytes of the key; 32 unless configured.' }),
    'salt-size': Flags.integer({
      char: 's',
      min: 8,
      max: 1024,
      description: 'Bytes of the salt; 16 unless configured.',
    }),
  }

  async run(): Promise<MadeHash> {
    const { flags } = await this.parse(HashScrypt)
    const configured = this.configuredHash(flags)
    const own = configured.scrypt
    return this.makeAndPrint(flags, {
      ...configured,
      algorithm: 'scrypt',
      scrypt: {
        variant: (flags.variant as PasswordHashConfig['scrypt']['variant'] | undefined) ?? own.variant,
        iterations: flags.iterations ?? own.iterations,
        blockSize: flags['block-size'] ?? own.blockSize,
        parallelism: flags.parallelism ?? own.parallelism,
        keyLength: flags['key-size'] ?? own.keyLength,
        saltLength: flags['salt-size'] ?? own.saltLength,
      },
    })
  }
}
