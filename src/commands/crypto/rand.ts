// latchkey crypto rand: random text for secrets, printed or written to files of mode 0600.
import { Args, Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { BaseCommand } from '../../cli/base-command.ts'
import { ignoredConfigFlags } from '../../cli/config/config-command.ts'
import { CHARACTER_SET_NAMES, lengthFlag, makeRandomText, randomTextLines } from '../../cli/crypto/random-flags.ts'
import { newFiles } from '../../cli/setup/new-file.ts'
import { count } from '../../cli/terminal/table.ts'

export default class CryptoRand extends BaseCommand {
  static override summary = 'Make a random value, for a secret in the configuration.'
  static override description = 'With file names it writes one to each instead of printing it.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --length 64 --charset numeric-hex',
    '<%= config.bin %> <%= command.id %> secrets/session secrets/storage',
  ]
  static override enableJsonFlag = true
  static override strict = false
  static override args = {
    files: Args.string({ description: 'Files to write, each with a value of its own.', ignoreStdin: true }),
  }
  static override flags = {
    ...ignoredConfigFlags,
    length: Flags.integer({ ...lengthFlag, char: 'n', description: 'Characters; 72 unless said.' }),
    charset: Flags.string({
      char: 'x',
      options: CHARACTER_SET_NAMES,
      helpValue: 'SET',
      description: `${CHARACTER_SET_NAMES.join(', ')}; alphanumeric unless said.`,
      exclusive: ['characters'],
    }),
    characters: Flags.string({ description: 'The very characters, instead of a set.', helpValue: 'CHARACTERS' }),
    file: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'The same as naming files behind the command.',
      helpValue: 'FILE',
    }),
    'mode-files': Flags.string({ default: '0600', description: 'Mode of the files, octal.', helpValue: 'MODE' }),
    'mode-dirs': Flags.string({
      default: '0700',
      description: 'Mode of folders that are made for them.',
      helpValue: 'MODE',
    }),
    force: Flags.boolean({ char: 'f', description: 'Write over files that exist. What they held is lost.' }),
  }

  async run(): Promise<{ value: string } | { files: readonly string[] }> {
    const { argv, flags } = await this.parse(CryptoRand)
    const words = argv as string[]
    if (words.length > 0 && flags.file) {
      throw new Fault('files-twice', 'Files are named either behind the command or with --file, not both.', {
        exitCode: 2,
      })
    }
    const make = (): string => makeRandomText(flags.length, flags.charset, flags.characters)
    const files = [...new Set(flags.file ?? words)]
    if (files.length === 0) {
      const value = make()
      for (const line of randomTextLines('Random Value', value)) this.log(line)
      return { value }
    }
    const mode = octal('--mode-files', flags['mode-files'])
    const folderMode = octal('--mode-dirs', flags['mode-dirs'])
    newFiles(
      files.map((path) => ({ path, content: make(), mode })),
      { folderMode, force: flags.force },
    )
    this.log(`Created ${count(files.length, 'file')} with unique random values:`)
    for (const file of files) this.log(`\t- ${file}`)
    return { files }
  }
}

/** @throws Fault `file-mode` */
function octal(flag: string, text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8)
  throw new Fault('file-mode', `${flag} ${text} is no mode of a file.`, {
    hint: 'Three octal digits: 0600 is read and write for the owner only.',
    exitCode: 2,
  })
}
