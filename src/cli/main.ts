// The way into the CLI for bin/run.js (dist/) and bin/dev.js (src/): hands the words to oclif and prints whatever goes wrong the same way everywhere.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Config, run as runCommand, settings } from '@oclif/core'
import { printFailure } from './failure.ts'
import { unknownCommand } from './unknown-command.ts'

const here = dirname(fileURLToPath(import.meta.url))
/** True when the sources run as they are. */
const fromSource = here.endsWith(join('src', 'cli'))
const root = join(here, '..', '..')

/** @param args the words after the program's name */
export async function run(args: readonly string[]): Promise<void> {
  settings.enableAutoTranspile = false
  // Whoever reads may go away (`| head`); there is nobody to tell then.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (fromSource) pjson.oclif.commands = './src/commands'
  try {
    const config = await Config.load({ root, pjson, isRoot: true, ignoreManifest: fromSource })
    const words = withDefaultCommand(args, process.env)
    const unknown = unknownCommand(words, config.commandIDs)
    if (unknown) throw unknown
    await runCommand(words, config)
    await written()
  } catch (error) {
    process.exitCode = printFailure(error, args.includes('--json'))
  }
}

/** When everything printed has left, or can't. */
const written = (): Promise<void> => new Promise((resolve) => process.stdout.write('', () => resolve()))

const CONFIG_NAMED_BY = ['X_LATCHKEY_CONFIG', 'X_AUTHELIA_CONFIG']

/** `latchkey --config configuration.yml` serves, and so does `latchkey` alone where the environment names a configuration: entrypoints of Authelia's container. */
export function withDefaultCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const [first] = args
  const serves =
    first === undefined ? CONFIG_NAMED_BY.some((name) => env[name]) : /^-(?!-?(?:h|help|version)$)/.test(first)
  return serves ? ['serve', ...args] : [...args]
}
