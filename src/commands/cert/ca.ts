// latchkey cert ca: makes an authority of one's own, which `cert issue` takes certificates from.
import { Flags } from '@oclif/core'
import { makeAuthority } from '../../certs/authority.ts'
import { describeKind } from '../../certs/key-pair.ts'
import { readNames } from '../../certs/names.ts'
import { BaseCommand } from '../../cli/base-command.ts'
import { certificateFlags, keyKind, lifetimeText, writeMade } from '../../cli/crypto/certificate-flags.ts'
import { facts } from '../../cli/terminal/table.ts'

export default class CertCa extends BaseCommand {
  static override summary = 'Make an authority of your own.'
  static override description =
    'Writes ca.crt and ca.key. With --domain the authority can vouch for that domain and what is below it only, so that trusting it is no risk for anything else. Keep ca.key to yourself.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --domain example.com',
    "<%= config.bin %> <%= command.id %> --name 'Home CA' --domain home.arpa --directory /etc/latchkey/ca",
  ]
  static override enableJsonFlag = true
  static override flags = {
    ...certificateFlags,
    name: Flags.string({ char: 'n', default: 'Latchkey CA', description: 'Name that devices show.' }),
    domain: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'Domain it may vouch for; may be given several times. All, unless said.',
      helpValue: 'DOMAIN',
    }),
    days: Flags.integer({ min: 1, max: 9125, default: 3650, description: 'Lifetime.', helpValue: 'DAYS' }),
  }

  async run(): Promise<{ name: string; domains: readonly string[]; files: Record<string, string> }> {
    const { flags } = await this.parse(CertCa)
    const { dns: domains } = readNames((flags.domain ?? []).map((domain) => domain.replace(/^\*?\./, '')))
    const now = Date.now()
    const made = await makeAuthority(flags.name, domains, { now, days: flags.days }, keyKind(flags.key))
    const files = writeMade(
      flags.directory,
      [
        { what: 'key', name: 'ca.key', content: made.privateKey, secret: true },
        { what: 'certificate', name: 'ca.crt', content: made.certificate },
      ],
      flags.force,
    )
    this.log(`Authority ${flags.name}`)
    this.log(
      facts([
        ['for', domains.length > 0 ? `${domains.join(', ')} and below` : 'every name: --domain would limit that'],
        ['valid', lifetimeText(now, now + flags.days * 86_400_000)],
        ['key', describeKind(keyKind(flags.key))],
        ['files', `${files['certificate']}`],
        ['', `${files['key']} (secret: whoever has it can pose as these names)`],
      ]),
    )
    this.log(`\nNext:  latchkey cert issue ${domains[0] ? `auth.${domains[0]}` : 'HOST'} --ca ${flags.directory}`)
    this.log(`       latchkey cert trust ${files['certificate']}`)
    return { name: flags.name, domains, files }
  }
}
