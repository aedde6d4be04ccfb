// What the `format` of a schema demands of a text. Each check says what is wrong, or undefined when nothing is.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { RE2JS } from 're2js'
import { type Network, parseNetwork } from '../../base/ip-address.ts'
import { type AddressKind, parseAddress } from './address.ts'
import { parseDuration } from './duration.ts'
import { parseMailAddress } from './mail-address.ts'
import { isPlainPattern } from './plain-pattern.ts'
import { isParsed, parseUrl } from './url.ts'

type Check = (value: string | number) => string | undefined

const address =
  (kind: AddressKind): Check =>
  (value) => {
    const parsed = parseAddress(String(value), kind)
    return typeof parsed === 'string' ? parsed : undefined
  }
const DURATION = 'a duration is written like 90s, 5m, 1h30m, 1 day, or as a number of seconds'
const duration: Check = (value) => (parseDuration(value) === undefined ? DURATION : undefined)
const NETWORK = 'an address such as 10.0.0.1 or a network such as 10.0.0.0/8 is expected'

const FORMATS = {
  duration,
  'duration-or-never': (value) => (value === -1 ? undefined : duration(value)),
  'refresh-interval': (value) => (value === 'always' || value === 'disable' ? undefined : duration(value)),
  'listen-address': address('listen'),
  'metrics-address': address('metrics'),
  'sql-address': address('sql'),
  'udp-address': address('udp'),
  'smtp-address': address('smtp'),
  'ldap-address': address('ldap'),
  url: (value) => {
    const parsed = parseUrl(String(value))
    return isParsed(parsed) ? undefined : parsed
  },
  regex: (value) => (value === '' ? 'an empty pattern would fit everything' : regexError(String(value))),
  network: (value) => (parseNetwork(String(value)) ? undefined : NETWORK),
  'trusted-network': (value) => {
    const network = parseNetwork(String(value))
    if (!network) return NETWORK
    return isTooWide(network) ? 'this would believe everybody; name the addresses of your proxies' : undefined
  },
  'tls-version': (value) =>
    /^(?:TLS *)?1\.[0-3]$/i.test(String(value)) ? undefined : 'one of TLS1.0, TLS1.1, TLS1.2 and TLS1.3 is expected',
  uuid: (value) =>
    /^(?:urn:uuid:)?(?:[0-9a-f]{32}|\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?)$/i.test(String(value))
      ? undefined
      : 'a UUID is expected',
  mail: (value) => (parseMailAddress(String(value)) ? undefined : 'one mail address is expected'),
  'pem-private-key': (value) => (readsAs(() => createPrivateKey(String(value))) ? undefined : 'no private key in PEM'),
  'pem-certificate-chain': (value) =>
    readsAs(() => pemCertificates(String(value))) ? undefined : 'no certificates in PEM',
} satisfies Record<string, Check>

export type FormatName = keyof typeof FORMATS

/** What is wrong with the value, or undefined. */
export const formatError = (format: FormatName, value: string | number): string | undefined => FORMATS[format](value)

/** Wider than any private network (10.0.0.0/8, fc00::/7): nobody owns so many proxies. */
function isTooWide({ family, first, last }: Network): boolean {
  return last - first >= 1n << (family === 4 ? 24n : 121n)
}

/** Why RE2 refuses the pattern, or undefined when it takes it. */
export function regexError(pattern: string): string | undefined {
  if (isPlainPattern(pattern)) return undefined
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return `not a pattern in RE2 syntax: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Throws when there is none or one does not read. */
export function pemCertificates(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new Error('no certificate')
  return blocks.map((block) => new X509Certificate(block))
}

function readsAs(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch {
    return false
  }
}
