// IP addresses and networks, read once into a form that compares cheaply. IPv4-mapped IPv6 addresses are IPv4 addresses; zones are not accepted.
import ipaddr from 'ipaddr.js'

export interface IpAddress {
  readonly family: 4 | 6
  /** Canonical text: IPv4 dotted, IPv6 lower case and compressed (RFC 5952). Equal addresses have equal text. */
  readonly text: string
  readonly value: bigint
}

export interface Network {
  readonly family: 4 | 6
  readonly first: bigint
  readonly last: bigint
  /** Canonical CIDR text. */
  readonly text: string
}

const toBigInt = (bytes: readonly number[]): bigint => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)

/** Strict textual forms only: `127.1`, `0x7f.1`, leading zeros, brackets, ports and zones are no addresses. Returns undefined for those. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.includes('%')) return undefined
  if (text.includes(':')) {
    // ::10.0.0.5, the form that RFC 4291 §2.5.5.1 retired, would be taken for the mapped address of 10.0.0.5.
    if (/^::\d+\.\d/.test(text) || !ipaddr.IPv6.isValid(text)) return undefined
    const address = ipaddr.IPv6.parse(text)
    if (address.isIPv4MappedAddress()) return fromIpv4(address.toIPv4Address())
    return { family: 6, text: address.toString(), value: toBigInt(address.toByteArray()) }
  }
  const value = ipv4Value(text)
  return value === undefined ? undefined : { family: 4, text, value: BigInt(value) }
}

/** Four decimal numbers without leading zeros; read by hand, since the gate does so for every visitor. */
function ipv4Value(text: string): number | undefined {
  if (text.length < 7 || text.length > 15) return undefined
  let value = 0
  let part = -1
  let parts = 0
  for (let i = 0; i <= text.length; i++) {
    const code = i === text.length ? DOT : text.charCodeAt(i)
    if (code === DOT) {
      if (part < 0) return undefined
      value = value * 256 + part
      part = -1
      parts++
    } else if (code < DIGIT_0 || code > DIGIT_9 || part === 0) return undefined
    else {
      part = (part < 0 ? 0 : part * 10) + code - DIGIT_0
      if (part > 255) return undefined
    }
  }
  return parts === 4 ? value : undefined
}

const DOT = 0x2e
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39

function fromIpv4(address: ipaddr.IPv4): IpAddress {
  return { family: 4, text: address.toString(), value: toBigInt(address.toByteArray()) }
}

/** An address (as /32 or /128) or a CIDR; host bits are allowed and masked off. Returns undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const address = parseIpAddress(slash < 0 ? text : text.slice(0, slash))
  if (!address) return undefined
  const width = address.family === 4 ? 32 : 128
  const prefixText = slash < 0 ? undefined : text.slice(slash + 1)
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined
  let prefix = prefixText === undefined ? width : Number(prefixText)
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8
  if (address.family === 4 && text.includes(':') && prefixText !== undefined) prefix -= 96
  if (prefix < 0 || prefix > width) return undefined
  const hostBits = BigInt(width - prefix)
  const first = (address.value >> hostBits) << hostBits
  const last = first | ((1n << hostBits) - 1n)
  return { family: address.family, first, last, text: `${formatIp(address.family, first)}/${prefix}` }
}

export function networkContains(network: Network, address: IpAddress): boolean {
  return network.family === address.family && address.value >= network.first && address.value <= network.last
}

/** What an address has in common with its neighbours, for people and for telling places apart: the /24 of IPv4, the /48 of IPv6. Other text stays. */
export function coarseNetwork(text: string): string {
  const address = parseIpAddress(text)
  if (!address) return text
  return parseNetwork(`${address.text}/${address.family === 4 ? 24 : 48}`)?.text ?? text
}

function formatIp(family: 4 | 6, value: bigint): string {
  const length = family === 4 ? 4 : 16
  const bytes = Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 255n))
  return ipaddr.fromByteArray(bytes).toString()
}
