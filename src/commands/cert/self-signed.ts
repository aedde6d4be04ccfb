// latchkey cert self-signed: a certificate that vouches for itself, for a test or one machine.
import { makeSelfSigned } from '../../certs/authority.ts'
import { describeKind } from '../../certs/key-pair.ts'
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

export default class CertSelfSigned extends BaseCommand {
  static override summary = 'Make a certificate that vouches for itself.'
  static override description =
    'Writes NAME.crt and NAME.key, for a test or a single machine: each browser has to be told to accept it. For more than one, make an authority with `cert ca` and take them from it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> auth.example.com',
    "<%= config.bin %> <%= command.id %> '*.example.com' example.com 192.168.1.2 --out server --days 90",
  ]
  static override enableJsonFlag = true
  static override strict = false
  static override args = nameArgs
  static override flags = { ...certificateFlags, ...outFlag, ...leafDaysFlag }

  async run(): Promise<{ names: readonly string[]; files: Record<string, string> }> {
    const { argv, flags } = await this.parse(CertSelfSigned)
    const names = namesOf(argv as string[])
    const now = Date.now()
    const made = await makeSelfSigned(names, { now, days: flags.days }, keyKind(flags.key))
    const base = flags.out ?? baseName(names)
    const files = writeMade(
      flags.directory,
      [
        { what: 'key', name: `${base}.key`, content: made.privateKey, secret: true },
        { what: 'certificate', name: `${base}.crt`, content: made.certificate },
      ],
      flags.force,
    )
    const all = [...names.dns, ...names.ip]
    this.log(`Self-signed certificate for ${all.join(', ')}`)
    this.log(
      facts([
        ['valid', lifetimeText(now, now + flags.days * 86_400_000)],
        ['key', describeKind(keyKind(flags.key))],
        ['files', `${files['certificate']}`],
        ['', `${files['key']} (secret)`],
      ]),
    )
    return { names: all, files }
  }
}
