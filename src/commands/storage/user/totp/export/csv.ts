// latchkey storage user totp export csv: every one-time-code device as a line of comma-separated values (RFC 4180).
import { Flags } from '@oclif/core'
import { newFile } from '../../../../../cli/setup/new-file.ts'
import { StorageCommand, storageFlags } from '../../../../../cli/storage/storage-command.ts'
import { count } from '../../../../../cli/terminal/table.ts'
import { encodeTotpSecret } from '../../../../../login/totp-registration.ts'

const quote = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

export default class TotpExportCsv extends StorageCommand {
  static override description = 'Write all one-time-code devices, with their secrets, to a CSV file (mode 0600).'
  static override examples = ['<%= config.bin %> <%= command.id %> --file totp.csv']
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    file: Flags.string({
      char: 'f',
      default: 'latchkey.export.totp.csv',
      description: 'File to write; it must not exist.',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<{ file: string; count: number }> {
    const { flags } = await this.parse(TotpExportCsv)
    return this.withStorage(flags, async ({ totp }) => {
      const devices = await totp.list()
      const lines = devices.map((device) =>
        [
          device.issuer,
          device.username,
          device.algorithm,
          device.digits,
          device.period,
          encodeTotpSecret(device.secret),
        ]
          .map((value) => quote(String(value)))
          .join(','),
      )
      newFile(flags.file, `${['issuer,username,algorithm,digits,period,secret', ...lines].join('\n')}\n`)
      this.log(`${count(devices.length, 'one-time-code device')} written to ${flags.file}`)
      return { file: flags.file, count: devices.length }
    })
  }
}
