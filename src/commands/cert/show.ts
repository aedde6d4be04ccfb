// latchkey cert show: says what is in certificate, request and key files, when it ends, and which of them belong together.
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { type Described, describeFile } from '../../certs/describe.ts'
import { readBytes } from '../../certs/read-authority.ts'
import { BaseCommand } from '../../cli/base-command.ts'
import { count, facts } from '../../cli/terminal/table.ts'

interface Shown {
  readonly file: string
  readonly content: readonly Described[]
}

export default class CertShow extends BaseCommand {
  static override summary = 'Say what is in a certificate, request or key file.'
  static override description =
    'Reads PEM and DER. Tells names, issuer, lifetime, fingerprint, and which key belongs to which certificate; of a private key only its kind. With --days the exit code is 1 when a certificate ends within that time, for a timer that warns you.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> auth.example.com.crt auth.example.com.key',
    '<%= config.bin %> <%= command.id %> /etc/latchkey/server.crt --days 14',
  ]
  static override enableJsonFlag = true
  static override strict = false
  static override args = {
    files: Args.string({ required: true, ignoreStdin: true, description: 'Files to look into.' }),
  }
  static override flags = {
    days: Flags.integer({
      min: 0,
      description: 'Exit code 1 when a certificate ends within so many days.',
      helpValue: 'DAYS',
    }),
  }

  async run(): Promise<readonly Shown[]> {
    const { argv, flags } = await this.parse(CertShow)
    const shown: Shown[] = []
    for (const file of argv as string[]) {
      const content = await describeFile(readBytes(file, 'certificate-file', 'a certificate'), Date.now())
      if (content.length === 0) {
        throw new Fault('certificate-file', `${file} holds no certificate, request or key that can be read.`, {
          hint: 'PEM and DER files can be shown.',
        })
      }
      shown.push({ file, content })
    }
    const all = shown.flatMap(({ content }) => content)
    for (const { file, content } of shown) {
      this.log(`${file}:`)
      for (const one of content) this.log(`${text(one, all)}\n`)
    }
    const { days } = flags
    if (days !== undefined && all.some((one) => one.kind === 'certificate' && one.days < days)) process.exitCode = 1
    return shown
  }
}

function text(one: Described, all: readonly Described[]): string {
  switch (one.kind) {
    case 'certificate':
      return facts([
        [one.authority ? 'authority' : 'certificate', one.subject || '(no subject)'],
        ...(one.names.length > 0 ? [['for', one.names.join(', ')] as const] : []),
        ['from', one.selfSigned ? 'itself' : one.issuer],
        ['valid', `${one.notBefore.slice(0, 10)} to ${one.notAfter.slice(0, 10)}, ${stateText(one)}`],
        ['key', one.key],
        ['serial', one.serial],
        ['SHA-256', one.fingerprint],
      ])
    case 'request':
      return facts([
        ['request', one.subject || '(no subject)'],
        ...(one.names.length > 0 ? [['for', one.names.join(', ')] as const] : []),
        ['key', one.key],
      ])
    case 'encrypted-key':
      return facts([['private key', 'encrypted']])
    case 'private-key':
    case 'public-key': {
      const owners = all.flatMap((other) =>
        (other.kind === 'certificate' || other.kind === 'request') && other.keyId === one.keyId ? [other.subject] : [],
      )
      const others = all.some(({ kind }) => kind === 'certificate' || kind === 'request')
      const owner = owners.length > 0 ? `, of ${owners.join(' and ')}` : others ? ', of none of these certificates' : ''
      return facts([[one.kind === 'private-key' ? 'private key' : 'public key', `${one.key}${owner}`]])
    }
  }
}

function stateText({ state, days }: Extract<Described, { kind: 'certificate' }>): string {
  if (state === 'ended') return `ended ${count(-days, 'day')} ago`
  return state === 'not-begun'
    ? 'not valid yet'
    : `${count(days, 'day')} left${state === 'ends-soon' ? ': renew it' : ''}`
}
