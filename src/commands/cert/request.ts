// latchkey cert request: a key and a certificate signing request, for an authority that is somebody else's.
import { Flags } from '@oclif/core'
import { commonName } from '../../certs/authority.ts'
import { signRequest } from '../../certs/certificate.ts'
import { describeKind, keysOf, kindOf, makeKeys, privatePem } from '../../certs/key-pair.ts'
import { readPrivateKey } from '../../certs/read-authority.ts'
import { BaseCommand } from '../../cli/base-command.ts'
import {
  baseName,
  certificateFlags,
  keyKind,
  nameArgs,
  namesOf,
  outFlag,
  writeMade,
} from '../../cli/crypto/certificate-flags.ts'
import { facts } from '../../cli/terminal/table.ts'

export default class CertRequest extends BaseCommand {
  static override summary = 'Make a certificate signing request.'
  static override description =
    'Writes NAME.csr, to be sent to the authority, and NAME.key, which stays here. With --for the key is one that exists already.'
  static override examples = [
    "<%= config.bin %> <%= command.id %> auth.example.com '*.example.com'",
    '<%= config.bin %> <%= command.id %> auth.example.com --for auth.example.com.key',
  ]
  static override enableJsonFlag = true
  static override strict = false
  static override args = nameArgs
  static override flags = {
    ...certificateFlags,
    ...outFlag,
    for: Flags.string({ description: 'Key to ask a certificate for, instead of a new one.', helpValue: 'FILE' }),
  }

  async run(): Promise<{ names: readonly string[]; files: Record<string, string> }> {
    const { argv, flags } = await this.parse(CertRequest)
    const names = namesOf(argv as string[])
    const keys = flags.for === undefined ? await makeKeys(keyKind(flags.key)) : keysOf(readPrivateKey(flags.for))
    const request = await signRequest({ commonName: commonName(names) }, names, keys)
    const base = flags.out ?? baseName(names)
    const files = writeMade(
      flags.directory,
      [
        ...(flags.for === undefined
          ? [{ what: 'key', name: `${base}.key`, content: privatePem(keys), secret: true }]
          : []),
        { what: 'request', name: `${base}.csr`, content: request },
      ],
      flags.force,
    )
    const all = [...names.dns, ...names.ip]
    this.log(`Certificate signing request for ${all.join(', ')}`)
    this.log(
      facts([
        ['key', describeKind(kindOf(keys.privateKey))],
        ['files', `${files['request']} (send this to the authority)`],
        ...(files['key'] ? [['', `${files['key']} (secret, stays here)`] as const] : []),
      ]),
    )
    return { names: all, files }
  }
}
