// A mistyped flag gets the one that was probably meant. What was given with it is not repeated: it may be a secret.
import { Fault } from '../../base/fault.ts'
import { closestName } from '../../yaml/closest-name.ts'

export interface KnownFlag {
  readonly name: string
  readonly char?: string | undefined
  /** `--no-name` is one too. */
  readonly allowNo?: boolean | undefined
}

/**
 * @param words of the command line, behind the command
 * @param command as it is spoken: `storage bans user add`
 * @returns undefined when every word that looks like a flag is one
 */
export function unknownFlag(words: readonly string[], command: string, flags: readonly KnownFlag[]): Fault | undefined {
  const end = words.indexOf('--')
  const names = new Set(['--help', '--json', ...flags.flatMap(spellings)])
  const wrong = (end < 0 ? words : words.slice(0, end))
    .filter((word) => /^--?[a-z]/i.test(word))
    .map((word) => (word.startsWith('--') ? (/^[^=]*/.exec(word)?.[0] ?? '') : word.slice(0, 2)))
    .find((name) => !names.has(name) && name !== '-h')
  if (wrong === undefined) return undefined
  const meant = wrong.startsWith('--') ? closestFlag(wrong.slice(2), names) : undefined
  return new Fault('unknown-flag', `${wrong} is not a flag of "latchkey ${command}".`, {
    hint: meant === undefined ? `latchkey ${command} --help lists them all.` : `Did you mean --${meant}?`,
    exitCode: 2,
  })
}

const spellings = ({ name, char, allowNo }: KnownFlag): string[] => [
  `--${name}`,
  ...(allowNo ? [`--no-${name}`] : []),
  ...(char === undefined ? [] : [`-${char}`]),
]

function closestFlag(wrong: string, names: ReadonlySet<string>): string | undefined {
  const long = [...names].filter((name) => name.startsWith('--')).map((name) => name.slice(2))
  const closest = closestName(wrong, long)
  if (closest !== undefined) return closest
  // `--key` for `--encryption-key`: whole words of one name.
  const containing = long.filter((name) => name.split(/[-.]/).includes(wrong))
  return containing.length === 1 ? containing[0] : undefined
}
