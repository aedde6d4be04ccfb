// latchkey crypto certificate rsa generate: Authelia's command.
import { CertificateCommand, generateFlags, type MadeCertificate } from '../../../../cli/crypto/certificate-command.ts'
import { rsaFlags, rsaKind } from '../../../../cli/crypto/key-flags.ts'

export default class CryptoCertificateRsaGenerate extends CertificateCommand {
  static override description =
    'Make an RSA key and a certificate, signed by itself or by an authority. `cert self-signed` and `cert issue` are shorter.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --sans auth.example.com,10.0.0.1 --directory /etc/latchkey',
    "<%= config.bin %> <%= command.id %> --ca --common-name 'Home CA'",
    '<%= config.bin %> <%= command.id %> --path.ca . --sans auth.example.com',
  ]
  static override flags = { ...generateFlags, ...rsaFlags }

  async run(): Promise<MadeCertificate> {
    const { flags } = await this.parse(CryptoCertificateRsaGenerate)
    return this.makeCertificate(flags, rsaKind(flags))
  }
}
