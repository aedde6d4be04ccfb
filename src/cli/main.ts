// The way into the CLI for bin/run.js (dist/) and bin/dev.js (src/): hands the words to oclif and prints whatever goes wrong the same way everywhere.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Config, flush, run as runCommand, settings } from '@oclif/core'
import { printFailure } from './failure.ts'
import { unknownCommand } from './unknown-command.ts'

const here = dirname(fileURLToPath(import.meta.url))
/** True when the sources run as they are. */
const fromSource = here.endsWith(join('src', 'cli'))
const root = join(here, '..', '..')

/** @param args the words after the program's name */
export async function run(args: readonly string[]): Promise<void> {
  settings.enableAutoTranspile = false
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (fromSource) pjson.oclif.commands = './src/commands'
  try {
    const config = await Config.load({ root, pjson, isRoot: true, ignoreManifest: fromSource })
    const words = withDefaultCommand(args)
    const unknown = unknownCommand(words, config.commandIDs)
    if (unknown) throw unknown
    await runCommand(words, config)
    await flush()
  } catch (error) {
    process.exitCode = printFailure(error, args.includes('--json'))
  }
}

/** `latchkey --config configuration.yml` serves, as the entrypoint of Authelia's container does. */
export function withDefaultCommand(args: readonly string[]): string[] {
  const [first] = args
  const serves = first !== undefined && /^(-c|--config)(=|$|\.)/.test(first)
  return serves ? ['serve', ...args] : [...args]
}
