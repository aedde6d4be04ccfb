// latchkey config template: prints the configuration files as the filters leave them, before anything is read as YAML. Secrets that filters put in are
// printed too: it is what was asked for.
import { Fault } from '../../base/fault.ts'
import { ConfigCommand, configFlags } from '../../cli/config/config-command.ts'
import { loadRequest } from '../../cli/config/load-request.ts'
import { formatProblems } from '../../config/problem-text.ts'
import { type FilteredFiles, filteredFiles } from '../../config/read/sources.ts'

export default class ConfigTemplate extends ConfigCommand {
  static override description =
    'Print the configuration files as the filters leave them. Run it with the same environment, and in the same folder, as the server. What filters put in is shown, secrets included.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --config configuration.yml --config.experimental.filters template',
  ]
  static override enableJsonFlag = true
  static override flags = configFlags

  async run(): Promise<Pick<FilteredFiles, 'filters' | 'files'>> {
    const { flags } = await this.parse(ConfigTemplate)
    const { filters, files, problems } = filteredFiles(loadRequest(flags))
    if (problems.some(({ severity }) => severity === 'error')) {
      throw new Fault('configuration-invalid', `the files can't be rendered\n${formatProblems(problems)}`, {
        exitCode: 1,
      })
    }
    if (problems.length > 0) this.logToStderr(formatProblems(problems))
    const head = (words: string): string => `---\n##\n## ${words}\n##\n`
    for (const { file, text } of files) {
      this.log(`${head(`${file}, filters: ${filters.length > 0 ? filters.join(', ') : 'none'}`)}\n${text.trimEnd()}\n`)
    }
    return { filters, files }
  }
}
