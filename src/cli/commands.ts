// Hands the words to oclif, which finds the command by its file's path.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Config, flush, run as runCommand, settings } from '@oclif/core'
import { Fault } from '../base/fault.ts'
import { unknownCommand } from './unknown-command.ts'
import { unknownFlag } from './unknown-flag.ts'

const here = dirname(fileURLToPath(import.meta.url))
/** True when the sources run as they are. */
const fromSource = here.endsWith(join('src', 'cli'))
const root = join(here, '..', '..')

/** @throws Fault `unknown-command`, `unknown-flag`, what oclif throws for wrong use, and the command's own Faults */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  settings.enableAutoTranspile = false
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (fromSource) pjson.oclif.commands = './src/commands'
  const config = await Config.load({ root, pjson, isRoot: true, ignoreManifest: fromSource })
  const unknown = unknownCommand(words, config.commandIDs)
  if (unknown) throw unknown
  try {
    await runCommand([...words], config)
  } catch (error) {
    throw mistypedFlag(error, words, config) ?? oneWordTooMany(error, words, config) ?? error
  }
  await flush()
}

/** Undefined when that isn't what went wrong. */
function mistypedFlag(error: unknown, words: readonly string[], config: Config): Fault | undefined {
  // Every refusal of oclif's parser has what it had parsed.
  if (!(error instanceof Error) || !('parse' in error)) return undefined
  const length = words.findLastIndex((_, i) => config.findCommand(words.slice(0, i + 1).join(':')) !== undefined) + 1
  const command = config.findCommand(words.slice(0, length).join(':'))
  return command && unknownFlag(words.slice(length), words.slice(0, length).join(' '), Object.values(command.flags))
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
