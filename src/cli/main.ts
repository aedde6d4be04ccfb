// The way into the CLI for bin/run.js (dist/) and bin/dev.js (src/): serves, or runs a command; prints whatever goes wrong the same way everywhere.
import { enableCompileCache } from 'node:module'
import { printFailure } from './failures/failure.ts'

/** @param args the words after the program's name */
export async function run(args: readonly string[]): Promise<void> {
  const words = withDefaultCommand(args, process.env)
  try {
    if (words[0] === 'serve' && (await served(words.slice(1)))) return
    // Commands start faster from cached code; a server would keep it all in memory (6 MB) to save 40 ms once.
    enableCompileCache()
    if (VALIDATES.has(words[0] ?? '') && (await validated(words))) return
    const { runCommandLine } = await import('./commands.ts')
    await runCommandLine(words)
  } catch (error) {
    process.exitCode = printFailure(error, args.includes('--json'))
  }
}

/** The first words of what validates. */
const VALIDATES = new Set(['config', 'validate-config'])

/** False when it is another command, or the words want explaining; then nothing has happened. */
async function validated(words: readonly string[]): Promise<boolean> {
  if (words[0] === 'config' && words[1] !== 'validate') return false
  const { tellValidation, validateConfiguration, validateFlags } = await import('./validate.ts')
  const flags = validateFlags(words)
  if (flags === undefined) return false
  const validation = validateConfiguration(flags)
  tellValidation(validation, flags, flags.json === true)
  if (flags.json) process.stdout.write(`${JSON.stringify(validation, null, 2)}\n`)
  return true
}

/** False when the words want explaining; then nothing has happened. */
async function served(words: readonly string[]): Promise<boolean> {
  const { keepNursery } = await import('../base/nursery.ts')
  keepNursery()
  if (import.meta.url.endsWith('.js')) (await import('./server/frugal-malloc.ts')).useFrugalMalloc()
  const { serve, serveFlags } = await import('./serve.ts')
  const flags = serveFlags(words)
  if (flags === undefined) return false
  await serve(flags)
  return true
}

const CONFIG_NAMED_BY = ['X_LATCHKEY_CONFIG', 'X_AUTHELIA_CONFIG']

/** `latchkey help user add` is `latchkey user add --help`. `latchkey --config configuration.yml` serves, and so does `latchkey` alone where the environment names a configuration: entrypoints of Authelia's container. */
export function withDefaultCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const [first, second] = args
  if (first === 'help') return [...args.slice(1), '--help']
  // `authelia config` validates; without anything to validate, ours explains what there is.
  if (first === 'config' && (second === undefined ? namesOne(env) : isFlag(second)))
    return ['config', 'validate', ...args.slice(1)]
  const serves = first === undefined ? namesOne(env) : isFlag(first)
  return serves ? ['serve', ...args] : [...args]
}

const namesOne = (env: Readonly<Record<string, string | undefined>>): boolean =>
  CONFIG_NAMED_BY.some((name) => env[name])
/** One that isn't answered by words about the program. */
const isFlag = (word: string): boolean => /^-(?!-?(?:h|help|version)$)/.test(word)
