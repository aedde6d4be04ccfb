// latchkey cert trust: shows how to make an authority of one's own known to each system. Changes nothing itself.
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { isSelfSigned } from '../../certs/describe.ts'
import { readCertificate } from '../../certs/read-authority.ts'
import { type TrustSteps, trustSteps } from '../../certs/trust.ts'
import { BaseCommand } from '../../cli/base-command.ts'

const SYSTEMS = trustSteps('ca.crt', '').map(({ system }) => system)

export default class CertTrust extends BaseCommand {
  static override summary = 'Show how to trust your authority, on each system.'
  static override description =
    'Prints the commands and clicks that make an authority known to a system or browser. It changes nothing itself. Compare the fingerprint on each device: whoever has that key can pose as the names it is for.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> ca.crt',
    '<%= config.bin %> <%= command.id %> /etc/latchkey/ca/ca.crt --system ios',
  ]
  static override enableJsonFlag = true
  static override args = {
    file: Args.string({ default: 'ca.crt', ignoreStdin: true, description: "The authority's certificate." }),
  }
  static override flags = {
    system: Flags.string({ char: 's', options: SYSTEMS, description: 'This one only.', helpValue: 'SYSTEM' }),
  }

  async run(): Promise<{ fingerprint: string; systems: readonly TrustSteps[] }> {
    const { args, flags } = await this.parse(CertTrust)
    const { certificate } = readCertificate(args.file)
    if (!certificate.ca && !isSelfSigned(certificate)) {
      throw new Fault(
        'not-an-authority',
        `${args.file} is neither an authority nor self-signed: trusting it changes nothing.`,
        {
          hint: 'Name the ca.crt that `latchkey cert ca` made.',
          exitCode: 2,
        },
      )
    }
    const name = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? ''
    const systems = trustSteps(args.file, name).filter(({ system }) => !flags.system || system === flags.system)
    this.log(`SHA-256  ${certificate.fingerprint256}`)
    for (const { title, steps } of systems) this.log(`\n${title}\n${steps.map((step) => `  ${step}`).join('\n')}`)
    return { fingerprint: certificate.fingerprint256, systems }
  }
}
