// One-time-code devices of Authelia: secrets unsealed with its key, sealed anew with ours.
import type { Storage } from '../storage/storage.ts'
import type { TotpConfiguration } from '../storage/totp-configurations.ts'
import { type AutheliaSource, type Row, readTime, unreadableRow } from './authelia-source.ts'
import type { Outcome } from './part.ts'

/** @param target undefined: nothing is there yet. @throws Fault `authelia-database` for a device that can't be read */
export async function importTotp(
  row: Row,
  source: AutheliaSource,
  target: Pick<Storage, 'totp'> | undefined,
  dryRun: boolean,
): Promise<Outcome> {
  const configuration = readTotp(row, source)
  const { username: name } = configuration
  if (await target?.totp.find(name)) return { kind: 'kept', name }
  if (target && !dryRun) await saveTotp(target, configuration)
  return { kind: 'imported', name, factor: { username: name, subject: 'totp' } }
}

/** A code that Authelia has accepted is used here too. */
async function saveTotp({ totp }: Pick<Storage, 'totp'>, configuration: TotpConfiguration): Promise<void> {
  const { username, createdAt, lastUsedAt, period } = configuration
  await totp.save(configuration)
  if (lastUsedAt === undefined) return
  await totp.consumeStep(username, createdAt, Math.floor(lastUsedAt / 1000 / period), lastUsedAt)
}

function readTotp(row: Row, source: AutheliaSource): TotpConfiguration {
  const username = String(row['username'])
  const algorithm = String(row['algorithm'])
  const digits = Number(row['digits'])
  const period = Number(row['period'])
  const plain = source.unseal(row['secret'], 'totp_configurations', 'secret', username)
  const secret = plain && decodeBase32(plain.toString('latin1'))
  if (
    secret === undefined ||
    !(algorithm === 'SHA1' || algorithm === 'SHA256' || algorithm === 'SHA512') ||
    !(digits === 6 || digits === 8) ||
    !(Number.isInteger(period) && period > 0)
  ) {
    const hint = 'Look at it with `authelia storage user totp export uri`, or delete it there.'
    throw unreadableRow(`The one-time-code device of ${username}`, source, hint)
  }
  return {
    username,
    issuer: String(row['issuer'] ?? ''),
    algorithm,
    digits,
    period,
    secret,
    createdAt: readTime(row['created_at']) ?? 0,
    lastUsedAt: readTime(row['last_used_at']),
  }
}

/** RFC 4648 §6, with or without padding. */
function decodeBase32(text: string): Uint8Array | undefined {
  const digits = text.replace(/=+$/, '')
  if (digits === '' || !/^[A-Z2-7]+$/.test(digits)) return undefined
  const bytes: number[] = []
  let value = 0
  let bits = 0
  for (const digit of digits) {
    value = ((value << 5) | 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(digit)) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >> bits) & 0xff)
  }
  return Uint8Array.from(bytes)
}
