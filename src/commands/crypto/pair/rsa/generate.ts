// latchkey crypto pair rsa generate: Authelia's command.
import { rsaFlags, rsaKind } from '../../../../cli/crypto/key-flags.ts'
import { type MadePair, PairCommand, pairFlags } from '../../../../cli/crypto/pair-command.ts'

export default class CryptoPairRsaGenerate extends PairCommand {
  static override description = 'Make an RSA key pair.'
  static override examples = ['<%= config.bin %> <%= command.id %> --directory keys']
  static override flags = { ...pairFlags, ...rsaFlags }

  async run(): Promise<MadePair> {
    const { flags } = await this.parse(CryptoPairRsaGenerate)
    return this.makePair(flags, rsaKind(flags))
  }
}
