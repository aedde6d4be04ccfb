// latchkey crypto pair ed25519 generate: Authelia's command.
import { ED25519 } from '../../../../cli/crypto/key-flags.ts'
import { type MadePair, PairCommand, pairFlags } from '../../../../cli/crypto/pair-command.ts'

export default class CryptoPairEd25519Generate extends PairCommand {
  static override description = 'Make an Ed25519 key pair.'
  static override examples = ['<%= config.bin %> <%= command.id %> --directory keys']
  static override flags = pairFlags

  async run(): Promise<MadePair> {
    const { flags } = await this.parse(CryptoPairEd25519Generate)
    return this.makePair(flags, ED25519)
  }
}
