// docs/reference/commands.md: usage, flags, examples and exit codes of every command, from the commands themselves.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Config, settings } from '@oclif/core'
import { ANSWERS_NO, SERVES_UNTIL_ENDED } from './exit-codes.ts'
import { cell, GENERATED } from './markdown.ts'

const root = join(import.meta.dirname, '..')
/** Told once, above. */
const EVERYWHERE = new Set(['json', 'config', 'config.experimental.filters', 'sqlite.path', 'encryption-key'])

const HEAD = `# Command reference

${GENERATED}

\`latchkey COMMAND --help\` says the same. A mistyped command or flag gets a suggestion.

## What all commands share
| exit code | meaning |
|---|---|
| 0 | fine |
| 1 | answered "no": what that is stands with each command; and wherever a configuration is needed, that it isn't valid |
| 2 | used wrongly: the words after \`latchkey\` make no sense |
| 3 | it can't be done; the message says why and what to try, [by a stable code](faults.md) |

Errors go to standard error, in one sentence and a hint; with \`--json\` as \`{"error": {"code", "message", "hint"}}\`. Colours obey \`NO_COLOR\`, and nothing
asks a question without a terminal.

These flags are on every command that has a use for them, and are not repeated below:

| flag | what it does |
|---|---|
| \`--json\` | Print the result as JSON. |
| \`-c\`, \`--config PATH\` | Configuration file or folder; may be given several times, later ones win. Default: \`$X_LATCHKEY_CONFIG\`, \`$X_AUTHELIA_CONFIG\`, else \`configuration.yml\`. |
| \`--config.experimental.filters NAME\` | Filters run over each file before it is read: \`template\`, \`expand-env\`. |
| \`--sqlite.path FILE\` | Another database than \`storage.local.path\`. |
| \`--encryption-key KEY\` | Instead of \`storage.encryption_key\`. With \`--sqlite.path\` no configuration is needed. |
`

/** Path below the project's folder → text. Loads every command from the sources. */
export async function commandReference(): Promise<Readonly<Record<string, string>>> {
  const commands = await allCommands()
  const topics = new Set(commands.map(({ id }) => id.split(':')[0] ?? id))
  const parts = [...topics].sort().flatMap((topic) => {
    const inside = commands.filter(({ id }) => id === topic || id.startsWith(`${topic}:`))
    return inside.map((command) => section(command))
  })
  const contents = commands.map(({ id }) => `[${words(id)}](#latchkey-${words(id).replaceAll(' ', '-')})`).join(' · ')
  return { 'docs/reference/commands.md': `${[HEAD, contents, ...parts].join('\n\n').replace(/\n{3,}/g, '\n\n')}\n` }
}

/** Those that help shows, and the ones that only show for Authelia's sake; in the order of their names. */
export async function allCommands(): Promise<readonly Command.Loadable[]> {
  settings.enableAutoTranspile = false
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  pjson.oclif.commands = './src/commands'
  const config = await Config.load({ root, pjson, isRoot: true, ignoreManifest: true })
  const aliases = new Set(config.commands.flatMap((command) => command.aliases ?? []))
  return config.commands
    .filter(({ id, hidden }) => !hidden && !aliases.has(id))
    .sort((one, other) => (one.id < other.id ? -1 : 1))
}

const words = (id: string): string => id.replaceAll(':', ' ')

function section(command: Command.Loadable): string {
  const { id } = command
  return [
    `## latchkey ${words(id)}`,
    (command.description ?? command.summary ?? '').trim(),
    ['```text', usage(command), '```'].join('\n'),
    aliasWords(command),
    argumentTable(command),
    flagTable(command),
    examples(command),
    `Exit codes: ${exitCodes(command)}.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function usage({ id, args, flags }: Command.Loadable): string {
  const places = Object.values(args).map(({ name, required }) =>
    required ? name.toUpperCase() : `[${name.toUpperCase()}]`,
  )
  return ['latchkey', words(id), ...places, ...(Object.keys(flags).length > 0 ? ['[flags]'] : [])].join(' ')
}

function aliasWords({ aliases }: Command.Loadable): string {
  if (!aliases || aliases.length === 0) return ''
  return `Also: ${aliases.map((alias) => `\`latchkey ${words(alias)}\``).join(', ')}.`
}

function argumentTable({ args }: Command.Loadable): string {
  const rows = Object.values(args).map(({ name, description, options, default: given }) => {
    const said = [description ?? '', oneOf(options), typeof given === 'string' ? `Default: \`${given}\`.` : '']
    return `| \`${name.toUpperCase()}\` | ${cell(said.join(' '))} |`
  })
  return rows.length === 0 ? '' : ['| argument | what it is |', '|---|---|', ...rows].join('\n')
}

function flagTable({ flags }: Command.Loadable): string {
  const rows = Object.values(flags)
    .filter(({ name, hidden }) => !hidden && !EVERYWHERE.has(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((flag) => {
      const isSwitch = flag.type === 'boolean'
      const name = `--${isSwitch && flag.allowNo ? '[no-]' : ''}${flag.name}`
      const value = isSwitch ? '' : ` ${flag.helpValue ?? 'VALUE'}`
      const said = [
        flag.description ?? flag.summary ?? '',
        isSwitch ? '' : oneOf(flag.options),
        !isSwitch && flag.multiple ? 'May be given several times.' : '',
        flag.required ? '*Required.*' : '',
        !isSwitch && isPlain(flag.default) ? `Default: \`${flag.default}\`.` : '',
      ]
      return `| ${flag.char ? `\`-${flag.char}\`, ` : ''}\`${name}${value}\` | ${cell(said.filter(Boolean).join(' '))} |`
    })
  return rows.length === 0 ? '' : ['| flag | what it does |', '|---|---|', ...rows].join('\n')
}

const isPlain = (value: unknown): value is string | number =>
  (typeof value === 'string' && value !== '') || typeof value === 'number'
const oneOf = (options: readonly string[] | undefined): string =>
  options ? `One of: ${options.map((option) => `\`${option}\``).join(', ')}.` : ''

function examples({ id, examples: some }: Command.Loadable): string {
  const lines = (some ?? []).map((example) =>
    (typeof example === 'string' ? example : example.command)
      .replaceAll('<%= config.bin %>', 'latchkey')
      .replaceAll('<%= command.id %>', words(id))
      .trim(),
  )
  return lines.length === 0 ? '' : ['```sh', ...lines, '```'].join('\n')
}

function exitCodes({ id }: Command.Loadable): string {
  const no = ANSWERS_NO[id]
  const fine = SERVES_UNTIL_ENDED.has(id) ? '0 ended when asked to' : '0 fine'
  return [fine, ...(no ? [`1 ${no}`] : []), '2 used wrongly', '3 can’t be done'].join(', ')
}
