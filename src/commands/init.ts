// latchkey init: from an empty folder to everything that Latchkey and its proxy need. Asks what only its operator knows; flags answer before it asks.
import { Args } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.ts'
import { type Initialised, init, initText } from '../cli/setup/init.ts'
import { initFlags } from '../cli/setup/init-flags.ts'

export default class Init extends BaseCommand {
  static override description =
    'Write a new installation into a folder: configuration, rules, secrets, the first user, a certificate and the set-up of the proxy. Asks what it can\'t find out; with --yes it asks nothing. Writes over nothing without --force. Afterwards "latchkey serve" runs on it at once.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> /etc/latchkey --yes --domain example.com --app wiki=http://127.0.0.1:3000 --proxy nginx --user alice',
    'printf \'%s\' "$PASSWORD" | <%= config.bin %> <%= command.id %> --yes --domain example.com --app wiki=http://127.0.0.1:3000 --proxy caddy --user alice --password-stdin --second-factor',
  ]
  static override enableJsonFlag = true
  static override args = {
    folder: Args.string({ description: 'Where to; it is made. Default: latchkey.', ignoreStdin: true }),
  }
  static override flags = initFlags

  async run(): Promise<Initialised> {
    const { args, flags } = await this.parse(Init)
    const initialised = await init(args.folder, flags)
    this.log(initText(initialised))
    return initialised
  }
}
