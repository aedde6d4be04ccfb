// latchkey storage user totp import: brings one-time-code devices in from a YAML file that `totp export` wrote, ours or Authelia's.
import { Args, Flags } from '@oclif/core'
import type { TotpListing } from '../../../../admin/totp.ts'
import { Fault } from '../../../../base/fault.ts'
import { type ImportedEntry, readImportFile, refuseEntry } from '../../../../cli/storage/import-file.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { count, visible } from '../../../../cli/terminal/table.ts'
import { decodeTotpSecret } from '../../../../login/totp-registration.ts'

export default class TotpImport extends StorageCommand {
  static override description =
    'Bring one-time-code devices in from a YAML file that `totp export` of Latchkey or Authelia wrote: all of them, or none when somebody has a device already.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> authelia.export.totp.yml',
    '<%= config.bin %> <%= command.id %> latchkey.export.totp.yml --force',
  ]
  static override enableJsonFlag = true
  static override args = { filename: Args.string({ required: true, description: 'The YAML file.' }) }
  static override flags = {
    ...storageFlags,
    force: Flags.boolean({ char: 'f', description: 'Replace devices that users have already.', default: false }),
  }

  async run(): Promise<{ file: string; count: number }> {
    const { args, flags } = await this.parse(TotpImport)
    const devices = readImportFile(args.filename, 'totp_configurations').map(deviceOf)
    const { inTheWay } = await this.act(flags, 'totp.save', { devices, force: flags.force }, { make: true })
    if (inTheWay.length > 0) {
      throw new Fault('totp-exists', `These users have a device already: ${inTheWay.map(visible).join(', ')}.`, {
        hint: 'Replace them with --force; nothing was imported.',
        exitCode: 1,
      })
    }
    this.log(`${count(devices.length, 'one-time-code device')} imported from ${args.filename}`)
    return { file: args.filename, count: devices.length }
  }
}

function deviceOf(entry: ImportedEntry): TotpListing {
  const secret = decodeTotpSecret(Buffer.from(entry.text('secret'), 'base64').toString())
  const digits = Number(entry.text('digits'))
  const period = Number(entry.text('period'))
  const algorithm = (['SHA1', 'SHA256', 'SHA512'] as const).find((name) => name === entry.text('algorithm'))
  if (entry.text('username') === '') refuseEntry(entry, 'the entry has no username.')
  if (secret === undefined || secret.length === 0) refuseEntry(entry, 'the secret is no base64 of base32 text.')
  if (digits !== 6 && digits !== 8) refuseEntry(entry, 'digits must be 6 or 8.')
  if (!Number.isSafeInteger(period) || period <= 0) refuseEntry(entry, 'period must be a number of seconds.')
  if (algorithm === undefined) refuseEntry(entry, 'algorithm must be SHA1, SHA256 or SHA512.')
  const time = (key: string): number | null => {
    const parsed = Date.parse(entry.text(key))
    return Number.isNaN(parsed) ? null : parsed
  }
  return {
    username: entry.text('username'),
    issuer: entry.text('issuer'),
    algorithm,
    digits,
    period,
    secret: secret.toString('base64'),
    createdAt: time('created_at') ?? Date.now(),
    lastUsedAt: time('last_used_at'),
  }
}
