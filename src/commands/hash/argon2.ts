// latchkey hash argon2: a hash of this algorithm, with parameters of one's own.
import { Flags } from '@oclif/core'
import { HashCommand, hashFlags, type MadeHash } from '../../cli/crypto/hash-command.ts'
import type { PasswordHashConfig } from '../../config/config.ts'
import { defaultHash } from '../../directory/password-hash.ts'

export default class HashArgon2 extends HashCommand {
  static override summary = 'Make an argon2 hash (RFC 9106).'
  static override description =
    'What is not given is as the configuration says. `hash tune` finds values for this machine.'
  static override examples = [
    '<%= config.bin %> hash argon2',
    '<%= config.bin %> hash argon2 --memory 131072 --iterations 4 --parallelism 2',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...hashFlags,
    variant: Flags.string({
      char: 'v',
      options: ['argon2id', 'argon2i', 'argon2d'],
      description: 'argon2id (the default) withstands both kinds of attack.',
    }),
    iterations: Flags.integer({ char: 'i', min: 1, description: 'Passes over the memory; 3 unless configured.' }),
    memory: Flags.integer({ char: 'm', min: 8, description: 'KiB; 65536 unless configured.' }),
    parallelism: Flags.integer({ char: 'p', min: 1, description: 'Lanes; 4 unless configured.' }),
    'key-size': Flags.integer({ char: 'k', min: 4, max: 1024, description: 'Bytes of the key; 32 unless configured.' }),
    'salt-size': Flags.integer({
      char: 's',
      min: 8,
      max: 1024,
      description: 'Bytes of the salt; 16 unless configured.',
    }),
    profile: Flags.string({
      options: ['low-memory', 'recommended'],
      description: 'Values of RFC 9106 to begin with. Both are 64 MiB, 3 passes, 4 lanes, as Authelia prints them.',
    }),
  }

  async run(): Promise<MadeHash> {
    const { flags } = await this.parse(HashArgon2)
    const configured = this.configuredHash(flags)
    const own = flags.profile ? defaultHash.argon2 : configured.argon2
    return this.makeAndPrint(flags, {
      ...configured,
      algorithm: 'argon2',
      argon2: {
        variant: (flags.variant as PasswordHashConfig['argon2']['variant'] | undefined) ?? own.variant,
        iterations: flags.iterations ?? own.iterations,
        memory: flags.memory ?? own.memory,
        parallelism: flags.parallelism ?? own.parallelism,
        keyLength: flags['key-size'] ?? own.keyLength,
        saltLength: flags['salt-size'] ?? own.saltLength,
      },
    })
  }
}
