// The flags that say what random text is made of, Authelia's names, and making it: for passwords and for secrets.
import { Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { CHARACTER_SETS, randomText, urlEncoded } from '../../base/random-text.ts'

/** Longest text made: nothing that is typed, pasted or configured is longer. */
const LONGEST = 65_536

export const CHARACTER_SET_NAMES = Object.keys(CHARACTER_SETS)

export const lengthFlag = { min: 1, max: LONGEST, helpValue: 'N' } as const
export const USUAL_LENGTH = 72

/** Flags of `hash`; `crypto rand` has the same without the prefix. */
export const randomPasswordFlags = {
  random: Flags.boolean({ description: 'Make a random password, print it, and hash it.' }),
  'random.length': Flags.integer({ ...lengthFlag, description: 'Characters of the random password; 72 unless said.' }),
  'random.charset': Flags.string({
    options: CHARACTER_SET_NAMES,
    helpValue: 'SET',
    description: `Its characters: ${CHARACTER_SET_NAMES.join(', ')}; alphanumeric unless said.`,
    exclusive: ['random.characters'],
  }),
  'random.characters': Flags.string({ description: 'Its very characters, instead of a set.', helpValue: 'CHARACTERS' }),
}

/** @throws Fault `random-characters` */
export function makeRandomText(length = USUAL_LENGTH, charset?: string, characters?: string): string {
  if (characters !== undefined && new Set(characters).size < 2) {
    throw new Fault('random-characters', 'Random text needs at least two different characters to choose from.', {
      hint: 'For example: --characters 0123456789abcdef.',
      exitCode: 2,
    })
  }
  const named = charset as keyof typeof CHARACTER_SETS | undefined
  return randomText(length, characters ?? CHARACTER_SETS[named ?? 'alphanumeric'])
}

/** `Random Password: …`, and how it looks in an address where that differs: Authelia's lines. */
export function randomTextLines(label: string, text: string): string[] {
  const encoded = urlEncoded(text)
  return [`${label}: ${text}`, ...(encoded === text ? [] : [`${label} (URL Encoded): ${encoded}`])]
}
