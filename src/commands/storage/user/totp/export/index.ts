// latchkey storage user totp export: every one-time-code device as YAML, in Authelia's format. Other formats lie beside this file.
import { Flags } from '@oclif/core'
import { newFile } from '../../../../../cli/setup/new-file.ts'
import { StorageCommand, storageFlags } from '../../../../../cli/storage/storage-command.ts'
import { count } from '../../../../../cli/terminal/table.ts'
import { encodeTotpSecret } from '../../../../../login/totp-registration.ts'

export default class TotpExport extends StorageCommand {
  static override description = 'Write all one-time-code devices, with their secrets, to a YAML file (mode 0600).'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --file totp.yml',
    '<%= config.bin %> <%= command.id %> uri',
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    file: Flags.string({
      char: 'f',
      default: 'latchkey.export.totp.yml',
      description: 'File to write; it must not exist.',
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<{ file: string; count: number }> {
    const { flags } = await this.parse(TotpExport)
    return this.withStorage(flags, async ({ totp }) => {
      const devices = await totp.list()
      const time = (value: number | undefined): string => (value === undefined ? 'null' : new Date(value).toISOString())
      const entries = devices.map(
        (device) => `  - created_at: ${time(device.createdAt)}
    last_used_at: ${time(device.lastUsedAt)}
    username: ${JSON.stringify(device.username)}
    issuer: ${JSON.stringify(device.issuer)}
    algorithm: ${device.algorithm}
    digits: ${device.digits}
    period: ${device.period}
    secret: ${Buffer.from(encodeTotpSecret(device.secret)).toString('base64')}\n`,
      )
      newFile(flags.file, `totp_configurations:${entries.length > 0 ? '\n' : ' []\n'}${entries.join('')}`)
      this.log(`${count(devices.length, 'one-time-code device')} written to ${flags.file}`)
      return { file: flags.file, count: devices.length }
    })
  }
}
