// What the commands about bans share: `bans …` and Authelia's `storage bans user|ip …` do the same by other words.
import { Flags } from '@oclif/core'
import type { BanListing } from '../../admin/bans.ts'
import { Fault } from '../../base/fault.ts'
import { durationOption } from '../options/duration-option.ts'
import { moment, table, visible } from '../terminal/table.ts'
import { unknownUser } from '../users/unknown-user.ts'
import { StorageCommand, type StorageFlags } from './storage-command.ts'

export type BanKind = 'user' | 'ip'

export const banFlags = {
  duration: Flags.string({
    char: 'd',
    default: '1 day',
    description: 'How long the ban holds.',
    helpValue: 'DURATION',
  }),
  permanent: Flags.boolean({ char: 'p', description: 'Until it is lifted.', default: false }),
  reason: Flags.string({ char: 'r', default: '', description: 'For those who read the list.', helpValue: 'TEXT' }),
}

export interface BanFlags extends StorageFlags {
  readonly duration: string
  readonly permanent: boolean
  readonly reason: string
}

export abstract class BansCommand extends StorageCommand {
  protected async listBans(flags: StorageFlags, kind: BanKind | undefined): Promise<readonly BanListing[]> {
    const bans = await this.act(flags, 'bans.list', kind === undefined ? {} : { kind })
    this.log(bans.length === 0 ? 'No bans.' : drawn(bans, kind))
    return bans
  }

  protected async addBan(flags: BanFlags, kind: BanKind, value: string): Promise<BanListing> {
    const params = {
      kind,
      value,
      reason: flags.reason,
      ...(!flags.permanent && { duration: durationOption('duration', flags.duration) }),
    }
    const doubt = kind === 'user' ? unknownUser(value, this.place(flags).config) : undefined
    const ban = await this.act(flags, 'bans.add', params, { make: true })
    if (doubt !== undefined) this.logToStderr(visible(doubt))
    this.log(`${named(ban)} is banned ${ends(ban)}.`)
    if (kind === 'user') this.log('Sessions that exist live on; `latchkey sessions revoke --user` ends them.')
    return ban
  }

  /** As Authelia's `revoke` is told: a value behind the command, or an id. @throws Fault `which-one`, `ban-missing` */
  protected async liftOne(
    flags: StorageFlags,
    kind: BanKind,
    value: string | undefined,
    id: number | undefined,
  ): Promise<readonly BanListing[]> {
    if (id !== undefined) return this.liftBans(flags, { kind, id })
    if (value !== undefined) return this.liftBans(flags, { kind, value })
    const what = kind === 'user' ? 'user' : 'address'
    throw new Fault('which-one', `Neither ${kind === 'user' ? 'a' : 'an'} ${what} nor an id is given.`, {
      hint: `Name the ${what}, or give the id with --id.`,
      exitCode: 2,
    })
  }

  /** @throws Fault `ban-missing` when there is none to lift */
  protected async liftBans(
    flags: StorageFlags,
    which: { readonly kind?: BanKind; readonly value?: string; readonly id?: number },
  ): Promise<readonly BanListing[]> {
    const lifted = await this.act(flags, 'bans.revoke', which)
    if (lifted.length === 0) {
      const what = which.id === undefined ? `on ${visible(which.value ?? '')}` : `with the id ${which.id}`
      throw new Fault('ban-missing', `No ban ${what} is in force.`, {
        hint: '`latchkey bans list` shows all of them.',
        exitCode: 1,
      })
    }
    for (const ban of lifted) this.log(`The ban ${ban.id} on ${named(ban)} is lifted.`)
    return lifted
  }
}

const named = ({ kind, value }: BanListing): string => `${kind === 'user' ? 'user' : 'address'} ${visible(value)}`
const ends = ({ expiresAt }: BanListing): string =>
  expiresAt === null ? 'until it is lifted' : `until ${moment(expiresAt)} UTC`

function drawn(bans: readonly BanListing[], kind: BanKind | undefined): string {
  const of = { user: 'Username', ip: 'IP' }
  return table(
    ['ID', ...(kind === undefined ? ['Kind', 'Value'] : [of[kind]]), 'Expires', 'Source', 'Reason'],
    bans.map((ban) => [
      ban.id,
      ...(kind === undefined ? [ban.kind] : []),
      ban.value,
      ban.expiresAt === null ? 'never' : moment(ban.expiresAt),
      ban.source,
      ban.reason,
    ]),
  )
}
