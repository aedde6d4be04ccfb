// latchkey version: which Latchkey this is.
import { VERSION } from '../base/version.ts'
import { BaseCommand } from '../cli/base-command.ts'

export default class Version extends BaseCommand {
  static override description = 'Show the version of Latchkey, and of the Node it runs on with --json.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> --version']
  static override enableJsonFlag = true

  async run(): Promise<{ version: string; node: string; platform: string }> {
    await this.parse(Version)
    this.log(`latchkey version ${VERSION}`)
    return { version: VERSION, node: process.version, platform: `${process.platform}-${process.arch}` }
  }
}
