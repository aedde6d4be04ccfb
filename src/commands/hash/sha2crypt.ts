// latchkey hash sha2crypt: a hash of this algorithm, with parameters of one's own.
import { Flags } from '@oclif/core'
import { HashCommand, hashFlags, type MadeHash } from '../../cli/crypto/hash-command.ts'
import type { PasswordHashConfig } from '../../config/config.ts'

export default class HashSha2crypt extends HashCommand {
  static override summary = 'Make a SHA-crypt hash, $5$ or $6$, as /etc/shadow has them.'
  static override description = 'What is not given is as the configuration says.'
  static override examples = ['<%= config.bin %> hash sha2crypt --variant sha512 --iterations 100000']
  static override enableJsonFlag = true
  static override flags = {
    ...hashFlags,
    variant: Flags.string({ char: 'v', options: ['sha256', 'sha512'], description: 'sha512 unless configured.' }),
    iterations: Flags.integer({ char: 'i', min: 1000, description: 'Rounds; 50000 unless configured.' }),
    'salt-size': Flags.integer({ char: 's', min: 1, max: 16, description: 'Characters; 16 unless configured.' }),
  }

  async run(): Promise<MadeHash> {
    const { flags } = await this.parse(HashSha2crypt)
    const configured = this.configuredHash(flags)
    const own = configured.sha2crypt
    return this.makeAndPrint(flags, {
      ...configured,
      algorithm: 'sha2crypt',
      sha2crypt: {
        variant: (flags.variant as PasswordHashConfig['sha2crypt']['variant'] | undefined) ?? own.variant,
        iterations: flags.iterations ?? own.iterations,
        saltLength: flags['salt-size'] ?? own.saltLength,
      },
    })
  }
}
