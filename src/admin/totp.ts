// One-time-code devices given and taken by hand. Secrets pass as base64: the socket is the owner's alone.
import type { TotpConfiguration } from '../storage/totp-configurations.ts'
import type { AdminServices } from './actions.ts'
import {
  list,
  oneOf,
  optionalCount,
  optionalSwitch,
  optionalText,
  type Params,
  paramsOf,
  text,
  wrong,
} from './params.ts'

export interface TotpListing extends Omit<TotpConfiguration, 'secret' | 'lastUsedAt'> {
  /** Base64 of the raw bytes. */
  readonly secret: string
  readonly lastUsedAt: number | null
}

export const totpListing = ({ secret, lastUsedAt, ...rest }: TotpConfiguration): TotpListing => ({
  ...rest,
  secret: Buffer.from(secret).toString('base64'),
  lastUsedAt: lastUsedAt ?? null,
})

/** Nothing is saved when somebody has a device already and `force` isn't given: those users come back. */
export interface SavedTotp {
  readonly saved: number
  readonly inTheWay: readonly string[]
}

/** @param params `{ devices: TotpListing[], force? }` */
export async function saveTotp({ storage, audit }: AdminServices, params: unknown): Promise<SavedTotp> {
  const given = paramsOf(params)
  const devices = list(given, 'devices').map(deviceOf)
  const inTheWay: string[] = []
  if (optionalSwitch(given, 'force') !== true)
    for (const { username } of devices) if (await storage.totp.find(username)) inTheWay.push(username)
  if (inTheWay.length > 0) return { saved: 0, inTheWay }
  for (const device of devices) {
    await storage.totp.save(device)
    await audit.record({ kind: 'factor-added', username: device.username, from: 'cli', subject: 'totp' })
  }
  return { saved: devices.length, inTheWay }
}

function deviceOf(given: Params): TotpConfiguration {
  const secret = Buffer.from(text(given, 'secret'), 'base64')
  const digits = optionalCount(given, 'digits')
  const period = optionalCount(given, 'period')
  if (secret.length === 0) throw wrong('secret', 'base64')
  if (digits !== 6 && digits !== 8) throw wrong('digits', '6 or 8')
  if (!period) throw wrong('period', 'a number of seconds')
  return {
    username: text(given, 'username'),
    issuer: optionalText(given, 'issuer') ?? '',
    algorithm: oneOf(given, 'algorithm', ['SHA1', 'SHA256', 'SHA512']),
    digits,
    period,
    secret,
    createdAt: optionalCount(given, 'createdAt') ?? 0,
    lastUsedAt: optionalCount(given, 'lastUsedAt'),
  }
}

/** @param params `{ username }` */
export async function deleteTotp(
  { storage, audit }: AdminServices,
  params: unknown,
): Promise<{ readonly deleted: boolean }> {
  const username = text(paramsOf(params), 'username')
  const deleted = await storage.totp.delete(username)
  // A browser that was trusted with it isn't trusted with what comes after it.
  if (deleted) await storage.browsers.distrust(username)
  if (deleted) await audit.record({ kind: 'factor-removed', username, from: 'cli', subject: 'totp' })
  return { deleted }
}
