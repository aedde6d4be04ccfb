// What every command that makes a password hash shares: where the password comes from, where the parameters come from, what is printed.
import { existsSync } from 'node:fs'
import { Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import type { PasswordHashConfig } from '../../config/config.ts'
import { defaultHash, makeHash } from '../../directory/password-hash.ts'
import { ConfigCommand, configFlags } from '../config/config-command.ts'
import { loadRequest } from '../config/load-request.ts'
import { askNewPassword } from '../terminal/ask-password.ts'
import { makeRandomText, randomPasswordFlags, randomTextLines } from './random-flags.ts'

export const hashFlags = {
  ...configFlags,
  password: Flags.string({
    description: 'The password. Other users of this machine can see it; better be asked, or use a pipe.',
    helpValue: 'TEXT',
    exclusive: ['random'],
  }),
  'no-confirm': Flags.boolean({ description: "Don't ask for the password a second time." }),
  ...randomPasswordFlags,
}

export interface HashFlags {
  readonly config?: string[] | undefined
  readonly 'config.experimental.filters'?: string[] | undefined
  readonly password?: string | undefined
  readonly 'no-confirm'?: boolean
  readonly random?: boolean
  readonly 'random.length'?: number | undefined
  readonly 'random.charset'?: string | undefined
  readonly 'random.characters'?: string | undefined
}

export interface MadeHash {
  /** Only of a random one. */
  readonly password?: string
  readonly hash: string
}

export abstract class HashCommand extends ConfigCommand {
  /** How the configuration would hash. Without --config, a configuration.yml that happens to lie here counts only when it is valid. */
  protected configuredHash(flags: HashFlags): PasswordHashConfig {
    const { explicit, paths } = loadRequest(flags)
    if (explicit) return this.load(flags).config.directory.file.password
    if (!paths.some((path) => existsSync(path))) return defaultHash
    try {
      return this.load(flags).config.directory.file.password
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.logToStderr(`${paths.join(', ')} is not valid, so the usual parameters are used instead of its own.`)
      return defaultHash
    }
  }

  /** @throws Fault of asking for a password and of hashing */
  protected async makeAndPrint(flags: HashFlags, parameters: PasswordHashConfig): Promise<MadeHash> {
    const { 'random.length': length, 'random.charset': charset, 'random.characters': characters } = flags
    if (flags.random || [length, charset, characters].some((value) => value !== undefined)) {
      const password = makeRandomText(length, charset, characters)
      const hash = await makeHash(password, parameters)
      for (const line of randomTextLines('Random Password', password)) this.log(line)
      this.log(`Digest: ${hash}`)
      return { password, hash }
    }
    if (flags.password === '') throw new Fault('password-empty', 'The password is empty.', { exitCode: 2 })
    const hash = await makeHash(flags.password ?? (await askNewPassword({ confirm: !flags['no-confirm'] })), parameters)
    this.log(`Digest: ${hash}`)
    return { hash }
  }
}
