// latchkey autocomplete: the completion script for a shell, made from the commands as they are. oclif's plugin for this knows no fish and keeps a
// cache that goes stale with an update; a script that is printed needs neither a cache nor a home.
import { Args } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.ts'
import { bashCompletion } from '../cli/completion/bash.ts'
import { fishCompletion } from '../cli/completion/fish.ts'
import { places } from '../cli/completion/words.ts'
import { zshCompletion } from '../cli/completion/zsh.ts'

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const
type Shell = keyof typeof SCRIPTS

export default class Autocomplete extends BaseCommand {
  static override description =
    'Print the completion script for a shell; without one, say where it belongs. Make it anew after an update.'
  static override hiddenAliases = ['completion']
  static override examples = [
    '<%= config.bin %> <%= command.id %> bash > ~/.local/share/bash-completion/completions/latchkey',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: zsh's
    '<%= config.bin %> <%= command.id %> zsh > "${fpath[1]}/_latchkey"',
    '<%= config.bin %> <%= command.id %> fish > ~/.config/fish/completions/latchkey.fish',
  ]
  static override enableJsonFlag = true
  static override args = {
    shell: Args.string({ options: Object.keys(SCRIPTS), description: 'The shell.' }),
  }

  async run(): Promise<{ shell: Shell | null; script: string | null }> {
    const { args } = await this.parse(Autocomplete)
    const shell = (args.shell ?? null) as Shell | null
    if (shell === null) {
      this.log(INSTRUCTIONS)
      return { shell, script: null }
    }
    const script = SCRIPTS[shell](this.config.bin, places(this.config.commands))
    this.log(script.trimEnd())
    return { shell, script }
  }
}

const INSTRUCTIONS = `Write the script to where the shell looks for it, once, and again after an update:
  bash  latchkey autocomplete bash > ~/.local/share/bash-completion/completions/latchkey
  zsh   latchkey autocomplete zsh > "\${fpath[1]}/_latchkey"
  fish  latchkey autocomplete fish > ~/.config/fish/completions/latchkey.fish
Then open a new shell. For this one only: source <(latchkey autocomplete bash), or zsh; in fish: latchkey autocomplete fish | source`
