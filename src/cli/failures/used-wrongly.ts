// What oclif refuses, said better where we know better: a mistyped flag or value, a word too many.
import type { Config } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { closestName } from '../../yaml/closest-name.ts'
import { unknownFlag } from './unknown-flag.ts'

/** Undefined when it is neither of the two. @param error as oclif threw it */
export function usedWrongly(error: unknown, words: readonly string[], config: Config): Fault | undefined {
  return mistypedFlag(error, words, config) ?? mistypedValue(error) ?? oneWordTooMany(error, words, config)
}

/** Undefined when that isn't what went wrong. */
function mistypedFlag(error: unknown, words: readonly string[], config: Config): Fault | undefined {
  // Every refusal of oclif's parser has what it had parsed.
  if (!(error instanceof Error) || !('parse' in error)) return undefined
  const length = words.findLastIndex((_, i) => config.findCommand(words.slice(0, i + 1).join(':')) !== undefined) + 1
  const command = config.findCommand(words.slice(0, length).join(':'))
  return command && unknownFlag(words.slice(length), words.slice(0, length).join(' '), Object.values(command.flags))
}

/** Of an argument or a flag that takes one of several words. */
function mistypedValue(error: unknown): Fault | undefined {
  const [message, given = '', list = ''] =
    /^Expected (?:--?[\w.-]+=)?(\S+) to be one of: (.*)$/m.exec(error instanceof Error ? error.message : '') ?? []
  const meant = message && closestName(given, list.split(/, */))
  return meant ? new Fault('unknown-value', `${message}.`, { hint: `Did you mean ${meant}?`, exitCode: 2 }) : undefined
}

/** oclif takes words behind a command that has no arguments for a longer command's name. */
function oneWordTooMany(error: unknown, words: readonly string[], config: Config): Fault | undefined {
  const id = /^command (\S+) not found$/.exec(error instanceof Error ? error.message : '')?.[1]
  if (id === undefined) return undefined
  const length = words.findLastIndex((_, i) => config.findCommand(words.slice(0, i + 1).join(':')) !== undefined) + 1
  const command = words.slice(0, length).join(' ')
  if (length === 0 || !id.startsWith(`${command.replaceAll(' ', ':')}:`)) return undefined
  return new Fault('unknown-argument', `"latchkey ${command}" takes no "${words[length]}".`, {
    hint: `latchkey ${command} --help says what it takes.`,
    exitCode: 2,
  })
}
