// The kinds of key under Authelia's names, one a command, and the flags that go with each: `crypto certificate rsa …`, `crypto pair rsa …`.
import { Flags } from '@oclif/core'
import type { Curve, KeyKind } from '../../certs/key-pair.ts'
import { ignoredConfigFlags } from '../config/config-command.ts'

export const rsaFlags = {
  bits: Flags.integer({ char: 'b', min: 2048, max: 16_384, default: 2048, description: 'Bits of the key.' }),
}

export const ecdsaFlags = {
  curve: Flags.string({
    char: 'b',
    options: ['P224', 'P256', 'P384', 'P521'],
    default: 'P256',
    description: 'Elliptic curve of the key. No browser takes P224.',
  }),
}

export const rsaKind = ({ bits }: { readonly bits: number }): KeyKind => ({ kind: 'rsa', bits })
export const ecdsaKind = ({ curve }: { readonly curve: string }): KeyKind => ({
  kind: 'ecdsa',
  curve: curve.replace('P', 'P-') as Curve,
})
export const ED25519: KeyKind = { kind: 'ed25519' }

export const keyFileFlags = {
  ...ignoredConfigFlags,
  directory: Flags.string({
    char: 'd',
    default: '.',
    description: 'Folder to write to; made when missing.',
    helpValue: 'FOLDER',
  }),
  'file.private-key': Flags.string({
    default: 'private.pem',
    description: 'File of the private key.',
    helpValue: 'FILE',
  }),
  legacy: Flags.boolean({ description: 'Also write the key in the form of old, PKCS#1 or SEC 1.' }),
  'file.extension.legacy': Flags.string({
    default: 'legacy',
    description: 'What stands before the ending of those files.',
    helpValue: 'WORD',
  }),
  force: Flags.boolean({ char: 'f', description: 'Write over files that exist. A key that is written over is lost.' }),
}

/** `private.legacy.pem` for `private.pem`. */
export function legacyName(file: string, extension: string): string {
  const at = file.lastIndexOf('.')
  return at <= 0 ? `${file}.${extension}` : `${file.slice(0, at)}.${extension}${file.slice(at)}`
}
