// What `crypto pair rsa|ecdsa|ed25519 generate` share: Authelia's flags and output around a new key pair.
import { Flags } from '@oclif/core'
import { describeKind, type KeyKind, legacyPems, makeKeys, privatePem, publicPem } from '../../certs/key-pair.ts'
import { BaseCommand } from '../base-command.ts'
import { writeMade } from './certificate-flags.ts'
import { keyFileFlags, legacyName } from './key-flags.ts'

export const pairFlags = {
  ...keyFileFlags,
  'file.public-key': Flags.string({ default: 'public.pem', description: 'File of the public key.', helpValue: 'FILE' }),
}

interface PairFlags {
  readonly directory: string
  readonly 'file.private-key': string
  readonly 'file.public-key': string
  readonly 'file.extension.legacy': string
  readonly legacy: boolean
  readonly force: boolean
}

export interface MadePair {
  readonly key: string
  readonly files: Record<string, string>
}

export abstract class PairCommand extends BaseCommand {
  static override enableJsonFlag = true

  /** @throws Fault `file-exists`, `file-unwritable` */
  protected async makePair(flags: PairFlags, kind: KeyKind): Promise<MadePair> {
    const keys = await makeKeys(kind)
    const legacy = flags.legacy ? legacyPems(keys) : undefined
    const old = (file: string): string => legacyName(file, flags['file.extension.legacy'])
    const { 'file.private-key': privateFile, 'file.public-key': publicFile } = flags
    const files = writeMade(
      flags.directory,
      [
        { what: 'privateKey', name: privateFile, content: privatePem(keys), secret: true },
        { what: 'publicKey', name: publicFile, content: publicPem(keys) },
        ...(legacy
          ? [
              { what: 'legacyPrivateKey', name: old(privateFile), content: legacy.privateKey, secret: true },
              { what: 'legacyPublicKey', name: old(publicFile), content: legacy.publicKey },
            ]
          : []),
      ],
      flags.force,
    )
    this.log(
      `Generating key pair\n\n\tAlgorithm: ${describeKind(kind)}\n\nOutput Paths:\n\tDirectory: ${flags.directory}`,
    )
    this.log(`\tPrivate Key: ${privateFile}${legacy ? `, ${old(privateFile)}` : ''}`)
    this.log(`\tPublic Key: ${publicFile}${legacy ? `, ${old(publicFile)}` : ''}\n`)
    return { key: describeKind(kind), files }
  }
}
