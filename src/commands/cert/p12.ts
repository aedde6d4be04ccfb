// latchkey cert p12: packs certificate and key into a PKCS#12 file, for what imports nothing else.
import { basename } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { certificatesIn } from '../../certs/expiry.ts'
import { makePkcs12 } from '../../certs/pkcs12.ts'
import { readBytes, readPrivateKey } from '../../certs/read-authority.ts'
import { BaseCommand } from '../../cli/base-command.ts'
import { makeRandomText } from '../../cli/crypto/random-flags.ts'
import { newFiles } from '../../cli/setup/new-file.ts'
import { askNewPassword } from '../../cli/terminal/ask-password.ts'

/** Characters of a password that is made here: more than 128 bits. */
const RANDOM_LENGTH = 24

export default class CertP12 extends BaseCommand {
  static override summary = 'Pack certificate and key into a PKCS#12 file.'
  static override description =
    'For Windows, Java, phones, and other things that import .p12 or .pfx. Its password is asked for, or read from a pipe, or made with --random and printed.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> auth.example.com.crt',
    '<%= config.bin %> <%= command.id %> server.crt --key server.key --chain ca.crt --out server.pfx --random',
  ]
  static override hiddenAliases = ['cert:pkcs12']
  static override enableJsonFlag = true
  static override args = {
    certificate: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'Certificate file, PEM; those above it may follow in it.',
    }),
  }
  static override flags = {
    key: Flags.string({ description: 'Its key; the file of the same name with .key unless said.', helpValue: 'FILE' }),
    chain: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      description: 'Certificates to add: the authority, and those between.',
      helpValue: 'FILE',
    }),
    out: Flags.string({
      char: 'o',
      description: 'File to write; the same name with .p12 unless said.',
      helpValue: 'FILE',
    }),
    name: Flags.string({ char: 'n', description: 'Name shown by what imports it.' }),
    password: Flags.string({
      description: 'Password of the file. Other users of this machine can see it; better be asked, or use a pipe.',
      helpValue: 'TEXT',
      exclusive: ['random'],
    }),
    random: Flags.boolean({ description: 'Make a random password and print it.' }),
    force: Flags.boolean({ char: 'f', description: 'Write over a file that exists.' }),
  }

  async run(): Promise<{ file: string; password?: string }> {
    const { args, flags } = await this.parse(CertP12)
    const stem = args.certificate.replace(/\.(?:crt|pem|cer)$/i, '')
    const certificates = [args.certificate, ...(flags.chain ?? [])].flatMap((path) => {
      const found = certificatesIn(readBytes(path, 'certificate-file', 'a certificate'))
      if (found.length > 0) return found
      throw new Fault('certificate-file', `${path} holds no certificate.`, { hint: 'Name a PEM or DER file.' })
    })
    const keyFile = flags.key ?? `${stem}.key`
    const privateKey = readPrivateKey(keyFile)
    if (!certificates[0]?.checkPrivateKey(privateKey)) {
      throw new Fault('key-mismatch', `The key ${keyFile} doesn't belong to the certificate ${args.certificate}.`, {
        hint: 'Name the pair that was made together; the certificate of the key comes first in its file.',
      })
    }
    const random = flags.random ? makeRandomText(RANDOM_LENGTH) : undefined
    const password = random ?? flags.password ?? (await askNewPassword({ label: 'Password for the file' }))
    if (!/^[ -~]+$/.test(password)) {
      throw new Fault(
        'password-not-ascii',
        'The password of a PKCS#12 file must be plain ASCII characters, and at least one.',
        {
          hint: 'Java and some phones read no others.',
          exitCode: 2,
        },
      )
    }
    const file = flags.out ?? `${stem}.p12`
    const content = await makePkcs12({
      certificates: certificates.map(String),
      privateKey,
      friendlyName: flags.name ?? basename(stem),
      password,
    })
    newFiles([{ path: file, content }], { force: flags.force })
    if (random !== undefined) this.log(`Random Password: ${random}`)
    this.log(
      `${file} holds the key and ${certificates.length === 1 ? 'its certificate' : `${certificates.length} certificates`}.`,
    )
    return random === undefined ? { file } : { file, password: random }
  }
}
