// latchkey build-info: how this program was built, for a bug report.
import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.ts'
import { type BuildInfo, buildInfo, dependencies } from '../cli/build-info.ts'

export default class BuildInfoCommand extends BaseCommand {
  static override description = 'Show how this Latchkey was built: what to put into a bug report.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --verbose']
  static override enableJsonFlag = true
  static override flags = {
    verbose: Flags.boolean({ char: 'v', description: 'List the packages it uses with their versions.' }),
  }

  async run(): Promise<BuildInfo & { dependencies?: ReturnType<typeof dependencies> }> {
    const { flags } = await this.parse(BuildInfoCommand)
    const info = buildInfo()
    const packages = flags.verbose ? dependencies() : undefined
    const state = [
      info.state,
      info.tag === null ? 'untagged' : 'tagged',
      ...(info.dirty === null ? [] : [info.dirty ? 'dirty' : 'clean']),
    ]
    this.log(
      [
        `Version: ${info.version}`,
        `Last Tag: ${info.tag ?? 'unknown'}`,
        `State: ${state.join(' ')}`,
        `Branch: ${info.branch ?? 'unknown'}`,
        `Commit: ${info.commit ?? 'unknown'}`,
        `Build OS: ${info.os}`,
        `Build Arch: ${info.arch}`,
        `Build Date: ${info.date ?? 'unknown'}`,
        '',
        'Node:',
        `    Version: ${info.node}`,
        `    SQLite: ${info.sqlite}`,
        `    OpenSSL: ${info.openssl}`,
        ...(packages
          ? ['    Dependencies:', ...packages.map(({ name, version }) => `        ${name}@${version}`)]
          : []),
      ].join('\n'),
    )
    return { ...info, ...(packages && { dependencies: packages }) }
  }
}
