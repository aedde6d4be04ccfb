// latchkey hash tune: finds argon2 parameters for this machine and a wanted time, and prints them as configuration.
import { availableParallelism, freemem } from 'node:os'
import { Flags } from '@oclif/core'
import { Fault } from '../../base/fault.ts'
import { BaseCommand } from '../../cli/base-command.ts'
import { parseDuration } from '../../config/format/duration.ts'
import { LIMITS } from '../../directory/hash-format.ts'
import { defaultHash, makeHash } from '../../directory/password-hash.ts'
import { type Argon2Cost, LEAST, type Tuned, tuneArgon2 } from '../../directory/tune-argon2.ts'

/** Of several runs the quickest counts: whatever else the machine does can only slow one down. */
const RUNS = 3

export default class HashTune extends BaseCommand {
  static override summary = 'Find argon2 parameters for this machine.'
  static override description =
    'Measure this machine and find argon2 parameters so that one sign-in takes about the time you want. Run it where Latchkey will run.'
  static override examples = [
    '<%= config.bin %> hash tune',
    '<%= config.bin %> hash tune --target 250ms --memory 32768',
    '<%= config.bin %> hash tune --json',
  ]
  static override enableJsonFlag = true
  static override flags = {
    target: Flags.string({
      char: 't',
      default: '500ms',
      description: 'Time one hash may take.',
      helpValue: 'DURATION',
    }),
    memory: Flags.integer({
      char: 'm',
      min: LEAST.memory,
      max: LIMITS.memory,
      default: 65_536,
      description: 'KiB one hash may take. Several sign-ins at once take it several times.',
    }),
    parallelism: Flags.integer({
      char: 'p',
      min: 1,
      max: LIMITS.argon2Parallelism,
      description: "Lanes; the machine's cores, at most 4, unless said.",
    }),
  }

  async run(): Promise<Tuned> {
    const { flags } = await this.parse(HashTune)
    const target = parseDuration(flags.target)
    if (target === undefined || target < 10 || target > 10_000) {
      throw new Fault('tune-target', `--target ${flags.target} is no time between 10ms and 10s.`, {
        hint: 'For example: --target 500ms.',
        exitCode: 2,
      })
    }
    const parallelism = flags.parallelism ?? Math.min(4, availableParallelism())
    this.#tell(`Measuring argon2id for ${target} ms on ${availableParallelism()} cores …`)
    const tuned = await tuneArgon2({
      target,
      memory: flags.memory,
      parallelism,
      measure,
      progress: (cost, milliseconds) =>
        this.#tell(`  ${mebibytes(cost)} MiB, ${cost.iterations} passes: ${Math.round(milliseconds)} ms`),
    })
    this.#print(tuned, target)
    return tuned
  }

  #tell(line: string): void {
    this.logToStderr(line)
  }

  #print(tuned: Tuned, target: number): void {
    const { memory, iterations, parallelism, milliseconds } = tuned
    this.log(`# One hash takes ${Math.round(milliseconds)} ms and ${mebibytes(tuned)} MiB on this machine.`)
    this.log(
      `authentication_backend:\n  file:\n    password:\n      algorithm: argon2\n      argon2:\n        variant: argon2id\n        memory: ${memory}\n        iterations: ${iterations}\n        parallelism: ${parallelism}`,
    )
    if (!tuned.withinTarget)
      this.logToStderr(
        `This is the least that is safe (OWASP), and it takes longer than the ${target} ms you want. Less would make stolen hashes easy to guess.`,
      )
    if (memory * 1024 * 4 > freemem())
      this.logToStderr('Four sign-ins at once would take more memory than is free now; --memory sets a lower limit.')
    this.logToStderr('Hashes in the users file keep the parameters they were made with; new ones get these.')
  }
}

const mebibytes = ({ memory }: Argon2Cost): number => Math.round(memory / 1024)

async function measure(cost: Argon2Cost): Promise<number> {
  const config = { ...defaultHash, algorithm: 'argon2', argon2: { ...defaultHash.argon2, ...cost } } as const
  let quickest = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS; run += 1) {
    const start = performance.now()
    await makeHash('correct horse battery staple', config)
    quickest = Math.min(quickest, performance.now() - start)
  }
  return quickest
}
