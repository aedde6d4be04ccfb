// Hands the words to oclif, which finds the command by its file's path.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Config, flush, run as runCommand, settings } from '@oclif/core'
import { unknownCommand } from './unknown-command.ts'

const here = dirname(fileURLToPath(import.meta.url))
/** True when the sources run as they are. */
const fromSource = here.endsWith(join('src', 'cli'))
const root = join(here, '..', '..')

/** @throws Fault `unknown-command`, what oclif throws for wrong use, and the command's own Faults */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  settings.enableAutoTranspile = false
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (fromSource) pjson.oclif.commands = './src/commands'
  const config = await Config.load({ root, pjson, isRoot: true, ignoreManifest: fromSource })
  const unknown = unknownCommand(words, config.commandIDs)
  if (unknown) throw unknown
  await runCommand([...words], config)
  await Promise.race([flush(), readerGone()])
}

/** A reader that has seen enough (`| head`) never drains the pipe. */
function readerGone(): Promise<void> {
  const { stdout } = process
  return new Promise((resolve) => {
    if (stdout.destroyed || stdout.errored) resolve()
    stdout.once('error', () => resolve())
    stdout.once('close', () => resolve())
  })
}
