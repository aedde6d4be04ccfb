// Finds argon2id parameters that take a wanted time on this machine, by the procedure of RFC 9106 §4: as much memory as may be, then as many
// passes as time allows. Measures through the function it is given.

export interface Argon2Cost {
  /** KiB. */
  readonly memory: number
  readonly iterations: number
  readonly parallelism: number
}

export interface TuneRequest {
  /** Milliseconds one verification should take. */
  readonly target: number
  /** KiB, at most. */
  readonly memory: number
  readonly parallelism: number
  /** Milliseconds one hash takes with these parameters. */
  measure(cost: Argon2Cost): Promise<number>
  /** Told about every measurement. */
  progress?(cost: Argon2Cost, milliseconds: number): void
}

export interface Tuned extends Argon2Cost {
  /** Measured. */
  readonly milliseconds: number
  /** False: even the least that is safe takes longer than wanted. */
  readonly withinTarget: boolean
}

/** KiB and passes below which a hash is too easily guessed (OWASP Password Storage Cheat Sheet: 19 MiB with two passes). */
export const LEAST = { memory: 19_456, iterations: 2 } as const
const MOST_ITERATIONS = 100

export async function tuneArgon2(request: TuneRequest): Promise<Tuned> {
  const { target, parallelism } = request
  const measure = async (memory: number, iterations: number): Promise<number> => {
    const cost = { memory, iterations, parallelism }
    const milliseconds = await request.measure(cost)
    request.progress?.(cost, milliseconds)
    return milliseconds
  }
  // The first run of all pays for loading the library and for fresh memory.
  await request.measure({ ...LEAST, parallelism })

  let memory = Math.max(request.memory, LEAST.memory)
  let least = await measure(memory, LEAST.iterations)
  while (least > target && memory > LEAST.memory) {
    memory = Math.max(LEAST.memory, Math.floor(memory / 2))
    least = await measure(memory, LEAST.iterations)
  }
  let best = { memory, iterations: LEAST.iterations as number, parallelism, milliseconds: least }
  // Time grows evenly with the passes; what the first guess misses is corrected by what it measured.
  for (let pass = least / LEAST.iterations, tries = 0; tries < 3; tries += 1) {
    const iterations = Math.min(MOST_ITERATIONS, Math.max(LEAST.iterations, Math.floor(target / pass)))
    if (iterations === best.iterations) break
    const milliseconds = await measure(memory, iterations)
    pass = milliseconds / iterations
    const fits = milliseconds <= target
    if (fits || best.milliseconds > target) best = { memory, iterations, parallelism, milliseconds }
    if (fits && milliseconds + pass > target) break
  }
  return { ...best, withinTarget: best.milliseconds <= target }
}
