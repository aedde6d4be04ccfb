// What a shell can complete after each word of the command line, gathered from the commands themselves. Knows no shell.

/** As oclif has it, in its manifest or loaded. */
export interface DescribedCommand {
  /** Words joined by ':'. */
  readonly id: string
  readonly aliases?: readonly string[] | undefined
  readonly hidden?: boolean | undefined
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly args: Readonly<Record<string, { readonly options?: readonly string[] | undefined }>>
  readonly flags: Readonly<Record<string, DescribedFlag>>
}
interface DescribedFlag {
  readonly name: string
  readonly type: string
  readonly char?: string | undefined
  readonly hidden?: boolean | undefined
  readonly allowNo?: boolean | undefined
  readonly description?: string | undefined
  readonly helpValue?: string | readonly string[] | undefined
  readonly options?: readonly string[] | undefined
}

export type Value =
  | { readonly kind: 'none' | 'file' | 'text' }
  | { readonly kind: 'one-of'; readonly options: readonly string[] }

export interface FlagWord {
  /** With its dashes. */
  readonly name: string
  readonly char: string | undefined
  readonly description: string
  readonly value: Value
}

/** One place in the tree of commands. */
export interface Place {
  /** Words joined by spaces; '' is the beginning. */
  readonly at: string
  readonly next: readonly { readonly word: string; readonly description: string }[]
  readonly flags: readonly FlagWord[]
  readonly argument: Value
}

/** Every place, the beginning first, in the order of words. */
export function places(commands: readonly DescribedCommand[]): readonly Place[] {
  const shown = commands
    .filter(({ hidden }) => !hidden)
    .flatMap((command) => [command.id, ...(command.aliases ?? [])].map((id) => ({ ...command, words: id.split(':') })))
  const byAt = new Map(shown.map((command) => [command.words.join(' '), command]))
  const all = new Set([''])
  for (const { words } of shown) words.forEach((_, i) => void all.add(words.slice(0, i + 1).join(' ')))
  return [...all].sort().map((at) => {
    const command = byAt.get(at)
    const depth = at === '' ? 0 : at.split(' ').length
    const below = [...all].filter(
      (other) => other.startsWith(at === '' ? '' : `${at} `) && other.split(' ').length === depth + 1,
    )
    const next = below
      .filter((other) => other !== '')
      .map((other) => ({ word: other.split(' ')[depth] ?? '', description: firstSentence(byAt.get(other)) }))
    const flags = command
      ? Object.values(command.flags)
          .filter(({ hidden }) => !hidden)
          .flatMap(flagWords)
      : []
    return { at, next, flags: [...flags, HELP], argument: argumentOf(command) }
  })
}

const HELP: FlagWord = { name: '--help', char: undefined, description: 'Show help.', value: { kind: 'none' } }

function flagWords(flag: DescribedFlag): FlagWord[] {
  const { name, char, description, allowNo } = flag
  const word = { name: `--${name}`, char, description: sentence(description ?? ''), value: valueOfFlag(flag) }
  return allowNo ? [word, { ...word, name: `--no-${name}`, char: undefined }] : [word]
}

function valueOfFlag({ type, options, helpValue }: DescribedFlag): Value {
  if (type === 'boolean') return { kind: 'none' }
  if (options !== undefined) return { kind: 'one-of', options }
  return { kind: /^(?:FILE|PATH|FOLDER)$/.test(String(helpValue)) ? 'file' : 'text' }
}

function argumentOf(command: DescribedCommand | undefined): Value {
  const [first] = Object.entries(command?.args ?? {})
  if (first === undefined) return { kind: 'none' }
  const [name, { options }] = first
  if (options !== undefined) return { kind: 'one-of', options }
  return { kind: /file|path|folder/.test(name) ? 'file' : 'text' }
}

const firstSentence = (command: DescribedCommand | undefined): string =>
  sentence(command?.summary ?? command?.description ?? '')
/** One line, without templates of oclif's. */
const sentence = (text: string): string =>
  (/^.*?[.:](?=\s|$)/s.exec(text)?.[0] ?? text)
    .replace(/<%.*?%>/g, '')
    .replace(/\s+/g, ' ')
    .trim()
