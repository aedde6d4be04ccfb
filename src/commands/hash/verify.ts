// latchkey hash verify: says whether a password belongs to a hash. Exit code 1 when not.
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { ConfigCommand, configFlags } from '../../cli/config/config-command.ts'
import { askPassword } from '../../cli/terminal/ask-password.ts'
import { parseHash, verifyHash } from '../../directory/password-hash.ts'

export default class HashVerify extends ConfigCommand {
  static override summary = 'Check a password against a hash.'
  static override description =
    'Exit code 0 when they belong together, 1 when not. Asks for the password, or reads it from a pipe.'
  static override examples = [
    "<%= config.bin %> hash verify '$argon2id$v=19$m=65536,t=3,p=4$…'",
    'printf %s "$PASSWORD" | <%= config.bin %> hash verify "$HASH" --json',
  ]
  static override enableJsonFlag = true
  static override args = {
    digest: Args.string({
      required: true,
      ignoreStdin: true,
      description: "The hash, in single quotes for the shell's sake.",
    }),
  }
  static override flags = {
    ...configFlags,
    password: Flags.string({
      description: 'The password. Other users of this machine can see it; better be asked, or use a pipe.',
      helpValue: 'TEXT',
    }),
  }

  async run(): Promise<{ match: boolean }> {
    const { args, flags } = await this.parse(HashVerify)
    const parsed = parseHash(args.digest)
    if (parsed.kind === 'refused') {
      throw new Fault('password-hash', `This is no hash that can be checked: ${parsed.reason}.`, {
        hint: args.digest.startsWith('$')
          ? 'Compare it with the line in the users file.'
          : 'Between double quotes, or none, the shell takes the words behind $ away: use single quotes.',
        exitCode: 2,
      })
    }
    const match = await verifyHash(parsed.hash, flags.password ?? (await askPassword()))
    this.log(match ? 'The password matches the digest.' : 'The password does not match the digest.')
    if (!match) process.exitCode = 1
    return { match }
  }
}
