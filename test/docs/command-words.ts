// The commands that a page names, and what in them no command or flag of the program is.
import { allCommands } from '../../scripts/command-reference.ts'

const commands = await allCommands()

/** Every `latchkey …` of a script, up to where the shell does something else with it. */
export const commandLines = (script: string): string[] =>
  [...script.matchAll(/(?:^|[|;&] *|sudo (?:-\S+ \S+ )?)latchkey( [^\n|;&]*)/gm)].map(([, words]) => `latchkey${words}`)

/** Those that stand in running text. */
export const inlineCommands = (page: string): string[] =>
  [...page.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`(latchkey [^`]*)`/g)].map(([, command]) => command ?? '')

/** What in a command line is no command or flag; undefined when all of it is. Values aren't looked at, and … stands for anything. */
export function unknownIn(line: string): string | undefined {
  const words = line
    .replace(/"[^"]*"|'[^']*'/g, 'text')
    .split(/\s+/)
    .slice(1)
  const flagAt = words.findIndex((word) => word.startsWith('-'))
  const path = flagAt < 0 ? words : words.slice(0, flagAt)
  // `latchkey --config configuration.yml` serves.
  if (path.length === 0) return unknownFlag('serve', words)
  const ids = path.map((_, i) => path.slice(0, path.length - i).join(':'))
  const id = ids.find((one) => commands.some((command) => command.id === one || command.aliases?.includes(one)))
  if (id !== undefined) return unknownFlag(id, words)
  const topic = path.filter((word) => word !== '…').join(':')
  return commands.some((command) => command.id.startsWith(`${topic}:`)) ? undefined : path.join(' ')
}

function unknownFlag(id: string, words: readonly string[]): string | undefined {
  const command = commands.find((one) => one.id === id || one.aliases?.includes(id))
  const flags = Object.values(command?.flags ?? {})
  const known = new Set(['help', ...flags.flatMap(({ name, aliases }) => [name, `no-${name}`, ...(aliases ?? [])])])
  return words.filter((word) => word.startsWith('--')).find((word) => !known.has(word.slice(2).replace(/=.*/, '')))
}
