// latchkey crypto pair ecdsa generate: Authelia's command.
import { ecdsaFlags, ecdsaKind } from '../../../../cli/crypto/key-flags.ts'
import { type MadePair, PairCommand, pairFlags } from '../../../../cli/crypto/pair-command.ts'

export default class CryptoPairEcdsaGenerate extends PairCommand {
  static override description = 'Make an ECDSA key pair.'
  static override examples = ['<%= config.bin %> <%= command.id %> --directory keys']
  static override flags = { ...pairFlags, ...ecdsaFlags }

  async run(): Promise<MadePair> {
    const { flags } = await this.parse(CryptoPairEcdsaGenerate)
    return this.makePair(flags, ecdsaKind(flags))
  }
}
