// latchkey user reset-link: prints a link by which a user sets his password anew, for whoever gets no mail.
import { randomBytes } from 'node:crypto'
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { readIfThere } from '../../base/read-if-there.ts'
import { StorageCommand, storageFlags } from '../../cli/storage/storage-command.ts'
import { moment, visible } from '../../cli/terminal/table.ts'
import type { Config, CookieDomain } from '../../config/config.ts'
import { requireUser } from '../../directory/change-users.ts'
import type { UserEntry } from '../../directory/user-entry.ts'
import { readUserEntries, stampOf } from '../../directory/users-file.ts'
import { newReset, resetKey } from '../../login/password-reset.ts'
import { resetLinksOf } from '../../portal/links.ts'

export default class UserResetLink extends StorageCommand {
  static override description =
    'Print a link by which a user sets a new password, once and for a few minutes (identity_validation.reset_password.jwt_lifespan). Whoever has the link has the account, except for its second factors: hand it over in person. Earlier links of the user end.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> alice',
    '<%= config.bin %> <%= command.id %> alice --domain example.org --json',
  ]
  static override enableJsonFlag = true
  static override args = { username: Args.string({ required: true, ignoreStdin: true }) }
  static override flags = {
    ...storageFlags,
    domain: Flags.string({
      description: 'Cookie domain whose portal the link leads to; the first one otherwise.',
      helpValue: 'DOMAIN',
    }),
  }

  async run(): Promise<{ username: string; url: string; expiresAt: string }> {
    const { args, flags } = await this.parse(UserResetLink)
    const config = this.load(flags).config
    const portal = portalOf(config, flags.domain)
    const { user, hash } = userOf(config, args.username)
    const { token, row } = newReset(
      { user, stamp: stampOf(hash), portalUrl: portal.portalUrl },
      config.identityValidation.resetPassword,
      { key: resetKey(this.place(flags).encryptionKey), now: Date.now(), random: randomBytes },
    )
    await this.act(
      flags,
      'resets.add',
      { ...row, binding: Buffer.from(row.binding).toString('base64') },
      { make: true },
    )
    const url = resetLinksOf(portal).resetUrl(token)
    this.log(`Until ${moment(row.expiresAt)} UTC, ${visible(user.username)} sets a new password by this link, once:`)
    this.log(url)
    return { username: user.username, url, expiresAt: new Date(row.expiresAt).toISOString() }
  }
}

const unavailable = (message: string, hint: string): Fault =>
  new Fault('reset-unavailable', message, { hint, exitCode: 1 })

function portalOf(config: Config, domain: string | undefined): CookieDomain & { readonly portalUrl: string } {
  const { passwordReset, identityValidation, session } = config
  if (passwordReset.disable || passwordReset.customUrl !== undefined || !identityValidation.resetPassword.secret)
    throw unavailable('Passwords are not reset by this portal.', 'Look at authentication_backend.password_reset.')
  const portal = session.cookies.find((cookie) => domain === undefined || cookie.domain === domain.toLowerCase())
  const { portalUrl } = portal ?? {}
  if (portal && portalUrl !== undefined) return { ...portal, portalUrl }
  const what = domain === undefined ? 'the first cookie domain' : `a cookie domain ${visible(domain)}`
  throw unavailable(`There is no address of a portal for ${what}.`, 'Write authelia_url below session.cookies.')
}

function userOf({ directory: { file } }: Config, username: string): UserEntry {
  const read = readUserEntries(readIfThere(file.path) ?? Buffer.of(), file)
  const entries = read.kind === 'ok' ? read.entries : []
  const entry = requireUser({ entries, nodes: undefined }, username, file.search)
  if (!entry.disabled && !entry.unusable) return entry
  throw unavailable(`${visible(entry.user.username)} is disabled.`, '`latchkey user enable` lets him sign in again.')
}
