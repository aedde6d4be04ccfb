// latchkey crypto certificate ecdsa request: Authelia's command.
import { CertificateCommand, type MadeCertificate, requestFlags } from '../../../../cli/crypto/certificate-command.ts'
import { ecdsaFlags, ecdsaKind } from '../../../../cli/crypto/key-flags.ts'

export default class CryptoCertificateEcdsaRequest extends CertificateCommand {
  static override description = 'Make an ECDSA key and a certificate signing request. `cert request` is shorter.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --common-name auth.example.com --sans auth.example.com',
  ]
  static override flags = { ...requestFlags, ...ecdsaFlags }

  async run(): Promise<MadeCertificate> {
    const { flags } = await this.parse(CryptoCertificateEcdsaRequest)
    return this.makeRequest(flags, ecdsaKind(flags))
  }
}
