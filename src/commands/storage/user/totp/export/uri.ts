// latchkey storage user totp export uri: every one-time-code device as an otpauth address on standard output.
import { StorageCommand, storageFlags } from '../../../../../cli/storage/storage-command.ts'
import { otpauthUrl } from '../../../../../login/totp-registration.ts'

export default class TotpExportUri extends StorageCommand {
  static override description = 'Print the otpauth address of every one-time-code device. They are secrets.'
  static override examples = ['<%= config.bin %> <%= command.id %> > totp.txt']
  static override enableJsonFlag = true
  static override flags = storageFlags

  async run(): Promise<readonly string[]> {
    const { flags } = await this.parse(TotpExportUri)
    return this.withStorage(flags, async ({ totp }) => {
      const urls = (await totp.list()).map(otpauthUrl)
      for (const url of urls) this.log(url)
      return urls
    })
  }
}
