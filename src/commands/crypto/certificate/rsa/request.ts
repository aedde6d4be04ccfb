// latchkey crypto certificate rsa request: Authelia's command.
import { CertificateCommand, type MadeCertificate, requestFlags } from '../../../../cli/crypto/certificate-command.ts'
import { rsaFlags, rsaKind } from '../../../../cli/crypto/key-flags.ts'

export default class CryptoCertificateRsaRequest extends CertificateCommand {
  static override description = 'Make an RSA key and a certificate signing request. `cert request` is shorter.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --common-name auth.example.com --sans auth.example.com',
  ]
  static override flags = { ...requestFlags, ...rsaFlags }

  async run(): Promise<MadeCertificate> {
    const { flags } = await this.parse(CryptoCertificateRsaRequest)
    return this.makeRequest(flags, rsaKind(flags))
  }
}
