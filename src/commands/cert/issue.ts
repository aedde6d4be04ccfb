// latchkey cert issue: a certificate from an authority of one's own, with a new key or for somebody's request.
import type { KeyObject } from 'node:crypto'
import { Flags } from '@oclif/core'
import { commonName, validity } from '../../certs/authority.ts'
import { signCertificate } from '../../certs/certificate.ts'
import { describeKind, kindOf, makeKeys, privatePem } from '../../certs/key-pair.ts'
import type { Names } from '../../certs/names.ts'
import { authorityFiles, readAuthority, readBytes } from '../../certs/read-authority.ts'
import { readRequest } from '../../certs/read-request.ts'
import { BaseCommand } from '../../cli/base-command.ts'
import {
  baseName,
  certificateFlags,
  keyKind,
  leafDaysFlag,
  lifetimeText,
  nameArgs,
  namesOf,
  outFlag,
  writeMade,
} from '../../cli/crypto/certificate-flags.ts'
import { facts } from '../../cli/terminal/table.ts'

interface Issued {
  readonly names: readonly string[]
  readonly authority: string
  readonly notAfter: string
  readonly files: Record<string, string>
}

export default class CertIssue extends BaseCommand {
  static override summary = 'Make a certificate from your own authority.'
  static override description =
    'Writes NAME.crt and NAME.key. The authority is the one that `cert ca` made (or Authelia, in ca.public.crt and ca.private.pem). With --request it signs for a key that stays where it is.'
  static override examples = [
    "<%= config.bin %> <%= command.id %> auth.example.com '*.example.com'",
    '<%= config.bin %> <%= command.id %> nas.home.arpa 192.168.1.2 --ca /etc/latchkey/ca --days 90',
    '<%= config.bin %> <%= command.id %> --request printer.csr',
  ]
  static override enableJsonFlag = true
  static override strict = false
  static override args = nameArgs
  static override flags = {
    ...certificateFlags,
    ...outFlag,
    ...leafDaysFlag,
    ca: Flags.string({
      default: '.',
      description: "Folder with the authority's certificate and key.",
      helpValue: 'FOLDER',
    }),
    request: Flags.string({
      description: 'Certificate signing request to sign, names and key from it.',
      helpValue: 'FILE',
    }),
    client: Flags.boolean({ description: 'For a client too (TLS client authentication).' }),
  }

  async run(): Promise<Issued> {
    const { argv, flags } = await this.parse(CertIssue)
    const now = Date.now()
    const words = argv as string[]
    const authority = readAuthority(authorityFiles(flags.ca), now)
    const request =
      flags.request === undefined
        ? undefined
        : await readRequest(readBytes(flags.request, 'certificate-file', 'a request'), flags.request)
    const names = request && words.length === 0 ? request.names : namesOf(words)
    const keys = request ? undefined : await makeKeys(keyKind(flags.key))
    const publicKey = request?.publicKey ?? (keys?.publicKey as KeyObject)
    const { notBefore, notAfter: wanted } = validity({ now, days: flags.days })
    // Whoever checks refuses a leaf as soon as its authority has ended.
    const notAfter = Math.min(wanted, authority.notAfter)
    const certificate = await signCertificate(
      {
        subject: { commonName: commonName(names) },
        names,
        publicKey,
        role: { kind: 'leaf', usages: flags.client ? ['ServerAuth', 'ClientAuth'] : ['ServerAuth'] },
        notBefore,
        notAfter,
      },
      authority,
    )
    const base = flags.out ?? baseName(names)
    const files = writeMade(
      flags.directory,
      [
        ...(keys ? [{ what: 'key', name: `${base}.key`, content: privatePem(keys), secret: true }] : []),
        { what: 'certificate', name: `${base}.crt`, content: certificate },
      ],
      flags.force,
    )
    this.#print(names, authority.name, publicKey, { now, notAfter, shortened: notAfter < wanted }, files)
    return {
      names: [...names.dns, ...names.ip],
      authority: authority.name,
      notAfter: new Date(notAfter).toISOString(),
      files,
    }
  }

  #print(
    { dns, ip = [] }: Names,
    authority: string,
    publicKey: KeyObject,
    life: { now: number; notAfter: number; shortened: boolean },
    files: Record<string, string>,
  ): void {
    const { certificate, key } = files
    this.log(`Certificate for ${[...dns, ...ip].join(', ')}`)
    this.log(
      facts([
        ['from', authority],
        ['valid', lifetimeText(life.now, life.notAfter) + (life.shortened ? ', when the authority ends' : '')],
        ['key', describeKind(kindOf(publicKey))],
        ['files', `${certificate}`],
        ...(key ? [['', `${key} (secret)`] as const] : []),
      ]),
    )
  }
}
