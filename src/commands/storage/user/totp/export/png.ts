// latchkey storage user totp export png: a QR code of every one-time-code device, a file each.
import { join } from 'node:path'
import { Flags } from '@oclif/core'
import { newFiles } from '../../../../../cli/setup/new-file.ts'
import { StorageCommand, storageFlags } from '../../../../../cli/storage/storage-command.ts'
import { count } from '../../../../../cli/terminal/table.ts'
import { otpauthUrl, qrPng } from '../../../../../login/totp-registration.ts'

export default class TotpExportPng extends StorageCommand {
  static override description = 'Write a QR code of every one-time-code device into a folder. They are secrets.'
  static override examples = ['<%= config.bin %> <%= command.id %> --directory codes']
  static override enableJsonFlag = true
  static override flags = {
    ...storageFlags,
    directory: Flags.string({
      default: 'totp-codes',
      description: 'Folder to write to; it is made when missing.',
      helpValue: 'FOLDER',
    }),
  }

  async run(): Promise<{ directory: string; count: number }> {
    const { flags } = await this.parse(TotpExportPng)
    return this.withStorage(flags, async ({ totp }) => {
      const devices = await totp.list()
      // A user's name may hold anything, a path too.
      const pictures = devices.map(async (device) => ({
        path: join(flags.directory, `${encodeURIComponent(device.username)}.png`),
        content: await qrPng(otpauthUrl(device)),
      }))
      newFiles(await Promise.all(pictures), { folderMode: 0o700 })
      this.log(`${count(devices.length, 'QR code')} written to ${flags.directory}`)
      return { directory: flags.directory, count: devices.length }
    })
  }
}
