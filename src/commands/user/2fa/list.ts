// latchkey user 2fa list: what a user may show beside his password.
import { Args } from '@oclif/core'
import type { FactorsListing } from '../../../admin/second-factors.ts'
import { StorageCommand, storageFlags } from '../../../cli/storage/storage-command.ts'
import { facts, moment, visible } from '../../../cli/terminal/table.ts'
import { deviceText } from '../../../cli/trail/device-text.ts'
import { unknownUser } from '../../../cli/users/unknown-user.ts'

export default class SecondFactorList extends StorageCommand {
  static override description =
    'Show what a user may sign in with beside his password, how many recovery codes he has left, and in which browsers he is not asked. No secret is shown. Times are UTC.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice --json',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, description: 'Name as the users file writes it.' }) }
  static override flags = storageFlags

  async run(): Promise<FactorsListing> {
    const { args, flags } = await this.parse(SecondFactorList)
    const listing = await this.act(flags, 'factors.list', { username: args.username })
    const doubt = unknownUser(args.username, this.place(flags).config)
    if (doubt !== undefined) this.logToStderr(visible(doubt))
    this.log(facts(lines(listing), ''))
    return listing
  }
}

function lines({ totp, passkeys, duo, recoveryCodes, trustedBrowsers, preferred }: FactorsListing): [string, string][] {
  const used = (at: number | null): string => (at === null ? 'never used' : `last used ${moment(at)}`)
  return [
    ...(passkeys.length === 0 ? [['passkeys', '—'] satisfies [string, string]] : []),
    ...passkeys.map(({ description, rpId, createdAt, lastUsedAt, cloneWarning }): [string, string] => [
      'passkey',
      `${description}, for ${rpId}, since ${moment(createdAt)}, ${used(lastUsedAt)}${cloneWarning ? ', perhaps copied' : ''}`,
    ]),
    ['one-time codes', totp ? `since ${moment(totp.createdAt)}, ${used(totp.lastUsedAt)}` : '—'],
    ...(duo ? [['duo', `${duo.method} to ${duo.device}`] satisfies [string, string]] : []),
    [
      'recovery codes',
      recoveryCodes
        ? `${recoveryCodes.left} of ${recoveryCodes.total} left, made ${moment(recoveryCodes.createdAt)}, ${used(recoveryCodes.lastUsedAt)}`
        : '—',
    ],
    ['asked for first', preferred ?? '—'],
    ...(trustedBrowsers.length === 0 ? [['trusted browsers', '—'] satisfies [string, string]] : []),
    ...trustedBrowsers.map(({ userAgent, network, trustedUntil = 0 }): [string, string] => [
      'trusted browser',
      `until ${moment(trustedUntil)}, ${network}, ${deviceText(userAgent)}`,
    ]),
  ]
}
