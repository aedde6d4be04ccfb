// A host as it stands in an address or a Host header: a name or an IP address, and perhaps a port. Nothing is resolved, decoded or repaired.
import { parseIpAddress } from '../base/ip-address.ts'

export interface Host {
  /** Letter case as sent; without brackets. */
  readonly name: string
  /** As sent, without the colon. */
  readonly port: string | undefined
}

/** Labels without empty ones, so no dot at either end; or an IPv6 address in brackets. User information, lists, blanks and escapes don't fit. */
const HOST = /^(?:([\w-]+(?:\.[\w-]+)*)|\[([\da-f:.]+)\])(?::(\d{1,5}))?$/i
/** RFC 1035 §2.3.4, and room for a port. */
const MAX_LENGTH = 261

/** Most hosts: dotted labels without a port, told without a regular expression. */
function isPlainName(text: string): boolean {
  if (text.length === 0 || text.length > MAX_LENGTH) return false
  let before = DOT
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT ? before === DOT : !isInLabel(code)) return false
    before = code
  }
  return before !== DOT
}

const DOT = 0x2e
/** `\w` and the hyphen. */
const isInLabel = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x2d ||
  code === 0x5f

/** Returns undefined for what isn't one host. */
export function parseHost(text: string): Host | undefined {
  if (isPlainName(text)) return { name: text, port: undefined }
  if (text.length > MAX_LENGTH) return undefined
  const match = HOST.exec(text)
  if (match === null) return undefined
  const [, name, address, port] = match
  if (port !== undefined && (Number(port) === 0 || Number(port) > 65535)) return undefined
  if (address !== undefined) return parseIpAddress(address)?.text.includes(':') ? { name: address, port } : undefined
  return { name: name ?? '', port }
}
