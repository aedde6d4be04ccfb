// latchkey crypto certificate ed25519 request: Authelia's command.
import { CertificateCommand, type MadeCertificate, requestFlags } from '../../../../cli/crypto/certificate-command.ts'
import { ED25519 } from '../../../../cli/crypto/key-flags.ts'

export default class CryptoCertificateEd25519Request extends CertificateCommand {
  static override description = 'Make an Ed25519 key and a certificate signing request. `cert request` is shorter.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --common-name auth.example.com --sans auth.example.com',
  ]
  static override flags = requestFlags

  async run(): Promise<MadeCertificate> {
    const { flags } = await this.parse(CryptoCertificateEd25519Request)
    return this.makeRequest(flags, ED25519)
  }
}
