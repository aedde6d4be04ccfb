// Hands the words to oclif, which finds the command by its file's path.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Config, flush, run as runCommand, settings } from '@oclif/core'
import { endOnOutputFailure } from './failures/output-failure.ts'
import { unknownCommand } from './failures/unknown-command.ts'
import { usedWrongly } from './failures/used-wrongly.ts'

const here = dirname(fileURLToPath(import.meta.url))
/** True when the sources run as they are. */
const fromSource = here.endsWith(join('src', 'cli'))
const root = join(here, '..', '..')

/** @throws Fault `unknown-command`, `unknown-flag`, what oclif throws for wrong use, and the command's own Faults */
export async function runCommandLine(words: readonly string[]): Promise<void> {
  endOnOutputFailure()
  settings.enableAutoTranspile = false
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (fromSource) pjson.oclif.commands = './src/commands'
  const config = await Config.load({ root, pjson, isRoot: true, ignoreManifest: fromSource })
  const unknown = unknownCommand(words, config.commandIDs)
  if (unknown) throw unknown
  // A reader that has gone away (`| head -1`) takes nothing more: flushing would wait for it for ever.
  const readerGone = new Promise((resolve) => process.stdout.once('error', resolve).once('close', resolve))
  try {
    await runCommand([...words], config)
  } catch (error) {
    throw usedWrongly(error, words, config) ?? error
  }
  await Promise.race([flush(), readerGone])
}
