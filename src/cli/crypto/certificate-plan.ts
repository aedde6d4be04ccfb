// From the flags of `crypto certificate …` to what is to be signed: subject, lifetime, usages, and the authority's files.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { commonName } from '../../certs/authority.ts'
import { EXTENDED_USAGES, type Hash, type Subject } from '../../certs/certificate.ts'
import type { Names } from '../../certs/names.ts'
import { type AuthorityFiles, authorityFiles, type ReadAuthority } from '../../certs/read-authority.ts'
import { readDate } from '../../certs/read-date.ts'
import { parseDuration } from '../../config/format/duration.ts'

export interface SubjectFlags {
  readonly 'common-name'?: string | undefined
  readonly organization?: string[] | undefined
  readonly 'organizational-unit'?: string[] | undefined
  readonly country?: string[] | undefined
  readonly province?: string[] | undefined
  readonly locality?: string[] | undefined
  readonly 'street-address'?: string[] | undefined
  readonly postcode?: string[] | undefined
}

export function subjectOf(flags: SubjectFlags, names: Names): Subject {
  const named = flags['common-name'] ?? (names.dns.length + (names.ip?.length ?? 0) > 0 ? commonName(names) : undefined)
  return {
    ...(named === undefined ? {} : { commonName: named }),
    organization: flags.organization ?? ['Latchkey'],
    organizationalUnit: flags['organizational-unit'] ?? [],
    country: flags.country ?? [],
    province: flags.province ?? [],
    locality: flags.locality ?? [],
    streetAddress: flags['street-address'] ?? [],
    postalCode: flags.postcode ?? [],
  }
}

/** `SHA256` → `SHA-256`. */
export const hashOf = (signature: string): Hash => signature.replace('SHA', 'SHA-') as Hash

/** Canonical names; Authelia passes over unknown ones. @throws Fault `certificate-usage` */
export function usagesOf(words: readonly string[]): string[] {
  const known = Object.keys(EXTENDED_USAGES)
  return words.map((word) => {
    const name = known.find((one) => one.toLowerCase() === word.toLowerCase())
    if (name) return name
    throw new Fault('certificate-usage', `${JSON.stringify(word)} is no extended usage of certificates.`, {
      hint: `These are: ${known.join(', ')}.`,
      exitCode: 2,
    })
  })
}

/** Authelia's file names where they exist or were named, else ours. */
export function signingFiles(folder: string, certificate?: string, privateKey?: string): AuthorityFiles {
  const usual = authorityFiles(folder)
  const theirs = existsSync(join(folder, 'ca.public.crt')) && {
    certificate: 'ca.public.crt',
    privateKey: 'ca.private.pem',
  }
  const or = (named: string | undefined, which: keyof AuthorityFiles): string =>
    named !== undefined ? join(folder, named) : theirs ? join(folder, theirs[which]) : usual[which]
  return { certificate: or(certificate, 'certificate'), privateKey: or(privateKey, 'privateKey') }
}

export interface LifetimeFlags {
  readonly duration?: string | undefined
  readonly 'not-before'?: string | undefined
  readonly 'not-after'?: string | undefined
}

/** @param now milliseconds since the epoch. @throws Fault `certificate-lifetime` */
export function lifetimeOf(
  flags: LifetimeFlags,
  now: number,
  authority: ReadAuthority | undefined,
): { notBefore: number; notAfter: number } {
  const { duration = '1y', 'not-before': from, 'not-after': until } = flags
  const notBefore = from === undefined ? now : date('--not-before', from)
  const length = parseDuration(duration)
  if (length === undefined || length === 0)
    throw refused(`--duration ${duration} is no duration`, 'For example 90d or 1y.')
  const notAfter = until === undefined ? notBefore + length : date('--not-after', until)
  if (notAfter <= notBefore)
    throw refused('the certificate would end before it begins', 'Look at --not-before and --not-after.')
  // Four digits of a year are what certificates can hold (RFC 5280 §4.1.2.5).
  if (notAfter >= Date.UTC(10_000, 0))
    throw refused('the certificate would end after the year 9999', 'Choose an earlier end.')
  // Whoever checks refuses a leaf as soon as its authority has ended.
  return { notBefore, notAfter: authority ? Math.min(notAfter, authority.notAfter) : notAfter }
}

function date(flag: string, text: string): number {
  const time = readDate(text)
  if (time !== undefined) return time
  throw refused(`${flag} ${text} is no date`, 'For example 2030-01-31, 2030-01-31T12:00:00Z, or seconds of Unix.')
}

const refused = (what: string, hint: string): Fault =>
  new Fault('certificate-lifetime', `${what.charAt(0).toUpperCase()}${what.slice(1)}.`, { hint, exitCode: 2 })
