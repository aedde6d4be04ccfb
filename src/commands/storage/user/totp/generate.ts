// latchkey storage user totp generate: gives a user a one-time-code device from the command line.
import { rmSync } from 'node:fs'
import { Args, Flags } from '@oclif/core'
import { totpListing } from '../../../../admin/totp.ts'
import { Fault } from '../../../../base/fault.ts'
import { askSecret } from '../../../../cli/options/secret-option.ts'
import { newFile } from '../../../../cli/setup/new-file.ts'
import { StorageCommand, storageFlags } from '../../../../cli/storage/storage-command.ts'
import { visible } from '../../../../cli/terminal/table.ts'
import { unknownUser } from '../../../../cli/users/unknown-user.ts'
import { decodeTotpSecret, newTotpSecret, otpauthUrl, qrPng, qrTerminal } from '../../../../login/totp-registration.ts'

export default class TotpGenerate extends StorageCommand {
  static override description =
    "Make a one-time-code secret for a user, in place of an earlier one with --force. The secret and its address are printed: they are the user's only."
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice --qr',
    '<%= config.bin %> <%= command.id %> alice --algorithm SHA512 --digits 8 --period 60 --force',
    'pass show alice/totp | <%= config.bin %> <%= command.id %> alice --secret-file -',
    '<%= config.bin %> <%= command.id %> alice --path alice.png --config /etc/latchkey/configuration.yml',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, description: 'Name as the users file writes it.' }) }
  static override flags = {
    ...storageFlags,
    force: Flags.boolean({ char: 'f', description: 'Replace a device the user has already.' }),
    secret: Flags.string({
      description:
        'Base32 text of an existing secret, to bring a device over. A new one otherwise. Everybody on this machine can see it here while the command runs; --secret-file hides it.',
      helpValue: 'BASE32',
    }),
    'secret-file': Flags.string({
      description: 'Take the secret from the first line of this file; - asks for it, or reads a pipe.',
      helpValue: 'FILE',
      exclusive: ['secret'],
    }),
    'secret-size': Flags.integer({ description: 'Bytes of a new secret.', min: 20, max: 512, default: 32 }),
    algorithm: Flags.string({
      options: ['SHA1', 'SHA256', 'SHA512'],
      default: 'SHA1',
      description: 'Many authenticator apps know SHA1 only.',
    }),
    digits: Flags.integer({ options: ['6', '8'], default: 6, description: 'Digits of a code.' } as never),
    period: Flags.integer({ min: 15, max: 86_400, default: 30, description: 'Seconds a code lives.' }),
    issuer: Flags.string({ description: 'Name shown in the app; totp.issuer otherwise.' }),
    path: Flags.string({ char: 'p', description: 'Also write a QR code to this PNG file.', helpValue: 'FILE' }),
    qr: Flags.boolean({ description: 'Also draw a QR code in the terminal.' }),
  }

  async run(): Promise<{ username: string; url: string }> {
    const { args, flags } = await this.parse(TotpGenerate)
    const { username } = args
    const { config } = this.place(flags)
    const given = await givenSecret(flags)
    const secret = given === undefined ? newTotpSecret(flags['secret-size']) : decodeTotpSecret(given)
    if (!secret || secret.length === 0) {
      throw new Fault('totp-secret', 'The secret is not base32 text.', {
        hint: 'Base32 has the letters A-Z and the digits 2-7.',
        exitCode: 2,
      })
    }
    const configuration = {
      username,
      issuer: flags.issuer ?? config?.totp.issuer ?? 'Authelia',
      algorithm: flags.algorithm as 'SHA1' | 'SHA256' | 'SHA512',
      digits: flags.digits as 6 | 8,
      period: flags.period,
      secret,
      createdAt: Date.now(),
      lastUsedAt: undefined,
    }
    const url = otpauthUrl(configuration)
    const doubt = unknownUser(username, config)
    const picture = flags.path === undefined ? undefined : await qrPng(url)
    // First, so that a device that nobody has the code of is never saved.
    if (flags.path !== undefined && picture) newFile(flags.path, picture)
    try {
      const params = { devices: [totpListing(configuration)], force: flags.force }
      const { inTheWay } = await this.act(flags, 'totp.save', params, { make: true })
      if (inTheWay.length > 0) {
        throw new Fault('totp-exists', `${visible(username)} has a one-time-code device already.`, {
          hint: 'Replace it with --force.',
          exitCode: 1,
        })
      }
    } catch (error) {
      if (flags.path !== undefined) rmSync(flags.path, { force: true })
      throw error
    }
    if (doubt !== undefined) this.logToStderr(visible(doubt))
    this.log(`${visible(username)} has a new one-time-code device:\n${url}`)
    if (flags.path !== undefined) this.log(`QR code written to ${flags.path}`)
    if (flags.qr) this.log(await qrTerminal(url))
    return { username, url }
  }
}

/** Undefined: a new one is made. */
async function givenSecret(flags: { secret?: string | undefined; 'secret-file'?: string | undefined }) {
  const { secret, 'secret-file': file } = flags
  if (secret === undefined && file === undefined) return undefined
  const text = await askSecret({
    label: 'Secret of the device, base32',
    given: secret,
    file: file === '-' ? undefined : file,
    isNew: false,
    hint: 'Type it at a terminal, pipe it in, or name a file with --secret-file.',
  })
  return text.trim()
}
