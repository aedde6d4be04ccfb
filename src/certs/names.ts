// The names a certificate is valid for: host names, wildcards and addresses, told apart and checked.
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { Fault } from '../base/fault.ts'

export interface Names {
  /** Host names; a first label `*` is a wildcard. */
  readonly dns: readonly string[]
  /** IP addresses as text. */
  readonly ip?: readonly string[]
}

/** Letters, digits and hyphens, at most 63 a label (RFC 1123 §2.1); an underscore, since hosts with one exist. */
const LABEL = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/

/** Each word a host name, `*.` and a host name, or an IP address. Repeated ones count once. @throws Fault `certificate-name` */
export function readNames(words: readonly string[]): Required<Names> {
  const bare = words.map((word) => word.trim().replace(/^\[(.*)\]$/, '$1'))
  return {
    ip: [...new Set(bare.filter((word) => isIP(word)))],
    dns: [...new Set(bare.filter((word) => !isIP(word)).map(hostName))],
  }
}

function hostName(word: string): string {
  const wildcard = word.startsWith('*.')
  const written = wildcard ? word.slice(2) : word
  // Node reads a whole authority here, and would quietly leave a path or port away.
  const ascii = /^[\p{L}\p{M}\p{N}._-]+$/u.test(written) ? domainToASCII(written).replace(/\.$/, '') : ''
  const labels = ascii.split('.')
  if (ascii.length > 253 || !labels.every((label) => LABEL.test(label)) || isIP(ascii)) {
    throw new Fault('certificate-name', `${JSON.stringify(word)} is no host name and no IP address.`, {
      hint: 'Names look like auth.example.com, *.example.com, 192.168.1.2 or ::1; without scheme, port or path.',
      exitCode: 2,
    })
  }
  return wildcard ? `*.${ascii}` : ascii
}
