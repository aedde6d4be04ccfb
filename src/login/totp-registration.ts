// What a new one-time-code device is told: a fresh secret, the otpauth address, and that address as a QR code. Stores nothing.
import { randomBytes } from 'node:crypto'
import { ScureBase32Plugin } from 'otplib'
import type { TotpConfiguration } from '../storage/totp-configurations.ts'

/** @param size bytes */
export const newTotpSecret = (size: number): Buffer => randomBytes(size)

const base32 = new ScureBase32Plugin()
/** RFC 4648 base32 without padding, as people copy it. */
export const encodeTotpSecret = (secret: Uint8Array): string => base32.encode(new Uint8Array(secret))
/** Undefined when the text isn't base32 or empty. Padding, blanks, dashes and small letters are forgiven. */
export function decodeTotpSecret(text: string): Buffer | undefined {
  const bare = text.replace(/[\s-]/g, '')
  if (bare === '') return undefined
  try {
    return Buffer.from(base32.decode(bare))
  } catch {
    return undefined
  }
}

/** The address a QR code carries, byte for byte as Authelia writes it: Go's escapes in the path, form encoding in the query. */
export function otpauthUrl(
  device: Pick<TotpConfiguration, 'username' | 'issuer' | 'algorithm' | 'digits' | 'period' | 'secret'>,
): string {
  const { username, issuer, algorithm, digits, period, secret } = device
  const query = new URLSearchParams({
    algorithm,
    digits: String(digits),
    issuer,
    period: String(period),
    secret: encodeTotpSecret(secret),
  })
  const goQuery = query.toString().replaceAll('*', '%2A').replaceAll('%7E', '~')
  return `otpauth://totp/${escapePath(`${issuer}:${username}`)}?${goQuery}`
}

const escapePath = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(?:24|26|2B|2C|2F|3A|3B|3D|40)/g, (escaped) => decodeURIComponent(escaped))

/** Loaded when the first code is drawn: most servers draw none for weeks. */
const drawer = async () => (await import('qrcode')).default

/** An `<svg>` of black modules on white, with its quiet zone; no script, no style, no reference to anywhere. */
export const qrSvg = async (text: string): Promise<string> =>
  (await drawer()).toString(text, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 })

/** Lines for a terminal, two modules a character, black on white whatever the terminal's colours. */
export async function qrTerminal(text: string): Promise<string> {
  const { modules } = (await drawer()).create(text, { errorCorrectionLevel: 'L' })
  const margin = 2
  const dark = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < modules.size && column < modules.size && modules.get(row, column) === 1
  const lines: string[] = []
  for (let row = -margin; row < modules.size + margin; row += 2) {
    let line = ''
    for (let column = -margin; column < modules.size + margin; column += 1) {
      const [above, below] = [dark(row, column), dark(row + 1, column)]
      line += above ? (below ? '█' : '▀') : below ? '▄' : ' '
    }
    lines.push(`\u001b[30;107m${line}\u001b[0m`)
  }
  return lines.join('\n')
}

/** A PNG of black modules on white, four pixels a module. */
export const qrPng = async (text: string): Promise<Buffer> =>
  (await drawer()).toBuffer(text, { type: 'png', errorCorrectionLevel: 'M', margin: 4, scale: 4 })
