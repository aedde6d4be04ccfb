// What the `cert` commands share: flags for the key, the lifetime and the files; reading names; writing what was made.
import { join } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import type { KeyKind } from '../../certs/key-pair.ts'
import { type Names, readNames } from '../../certs/names.ts'
import { newFiles } from '../setup/new-file.ts'

const KEYS: Readonly<Record<string, KeyKind>> = {
  ecdsa: { kind: 'ecdsa', curve: 'P-256' },
  'ecdsa-p384': { kind: 'ecdsa', curve: 'P-384' },
  'ecdsa-p521': { kind: 'ecdsa', curve: 'P-521' },
  rsa: { kind: 'rsa', bits: 2048 },
  'rsa-3072': { kind: 'rsa', bits: 3072 },
  'rsa-4096': { kind: 'rsa', bits: 4096 },
  ed25519: { kind: 'ed25519' },
}

/** Browsers refuse leaves of more (CA/Browser Forum baseline requirements §6.3.2, before 2026). */
const USUAL_LEAF_DAYS = 398
/** Apple refuses leaves of more, even of an authority the owner of the device trusts. */
export const LONGEST_LEAF_DAYS = 825

export const certificateFlags = {
  key: Flags.string({
    options: Object.keys(KEYS),
    default: 'ecdsa',
    description: 'Kind of key. ecdsa suits everything of today, rsa old devices; browsers take no ed25519.',
    helpValue: 'KIND',
  }),
  directory: Flags.string({
    char: 'd',
    default: '.',
    description: 'Folder to write to; made when missing.',
    helpValue: 'FOLDER',
  }),
  force: Flags.boolean({ char: 'f', description: 'Write over files that exist. A key that is written over is lost.' }),
}

export const outFlag = {
  out: Flags.string({
    char: 'o',
    description: 'Name of the files, without ending; the first name unless said.',
    helpValue: 'NAME',
  }),
}

export const leafDaysFlag = {
  days: Flags.integer({
    min: 1,
    max: LONGEST_LEAF_DAYS,
    default: USUAL_LEAF_DAYS,
    description: `Lifetime. Browsers take at most ${USUAL_LEAF_DAYS} days, Apple's systems ${LONGEST_LEAF_DAYS} of an authority of one's own.`,
    helpValue: 'DAYS',
  }),
}

export const nameArgs = {
  names: Args.string({
    ignoreStdin: true,
    description: 'Host names (auth.example.com, *.example.com) and addresses (192.168.1.2).',
  }),
}

export const keyKind = (name: string): KeyKind => KEYS[name] ?? { kind: 'ecdsa', curve: 'P-256' }

/** @throws Fault `certificate-name`, `certificate-names-missing` */
export function namesOf(words: readonly string[]): Required<Names> {
  if (words.length > 0) return readNames(words)
  throw new Fault('certificate-names-missing', 'No host name is given.', {
    hint: "Name what the certificate is for: auth.example.com '*.example.com' 192.168.1.2.",
    exitCode: 2,
  })
}

/** What a file of these names is called: `_wildcard.example.com` for `*.example.com`. */
export const baseName = ({ dns, ip = [] }: Names): string =>
  (dns[0] ?? ip[0] ?? 'certificate').replace('*', '_wildcard').replaceAll(':', '-')

export interface MadeFile {
  readonly what: string
  readonly name: string
  readonly content: string | Uint8Array
  readonly secret?: boolean
}

/** Keys are for their owner only, everything else for all. @throws Fault `file-exists`, `file-unwritable` */
export function writeMade(folder: string, made: readonly MadeFile[], force: boolean): Record<string, string> {
  const files = made.map(({ name, content, secret }) => ({
    path: join(folder, name),
    content,
    mode: secret ? 0o600 : 0o644,
  }))
  newFiles(files, { force, folderMode: 0o755 })
  return Object.fromEntries(made.map(({ what, name }) => [what, join(folder, name)]))
}

const day = (time: number): string => new Date(time).toISOString().slice(0, 10)
export const lifetimeText = (notBefore: number, notAfter: number): string =>
  `${day(notBefore)} to ${day(notAfter)}, ${Math.round((notAfter - notBefore) / 86_400_000)} days`
