// A mistyped command gets the one that was probably meant.
import { Fault } from '../../base/fault.ts'
import { closestName } from '../../yaml/closest-name.ts'

/** @param commands ids, words joined by ':'. Returns undefined when the words begin with a command, are the beginning of one, or are only flags. */
export function unknownCommand(args: readonly string[], commands: readonly string[]): Fault | undefined {
  const end = args.findIndex((word) => word.startsWith('-'))
  const words = end < 0 ? args : args.slice(0, end)
  if (words.length === 0 || words[0] === 'help') return undefined
  const beginsOne = (id: string): boolean => commands.some((name) => name === id || name.startsWith(`${id}:`))
  const wrong = words.findIndex((_, i) => !beginsOne(words.slice(0, i + 1).join(':')))
  // Words behind a whole command are its arguments.
  if (wrong < 0 || commands.includes(words.slice(0, wrong).join(':'))) return undefined
  const meant = [words.length, wrong + 1]
    .map((length) => {
      const spoken = commands
        .filter((id) => id.split(':').length >= length)
        .map((id) => id.split(':').slice(0, length).join(' '))
      return closestName(words.slice(0, length).join(' '), spoken)
    })
    .find((name) => name !== undefined)
  return new Fault('unknown-command', `"${words.join(' ')}" is not a command.`, {
    hint: meant ? `Did you mean "latchkey ${meant}"?` : 'latchkey --help lists them all.',
    exitCode: 2,
  })
}
