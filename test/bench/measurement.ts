// What a measurement is given, what it says, and how two servers are compared: in turn, round by round, by the ratio of each pair.
import type { Program } from './program.ts'
import type { Scene } from './scene.ts'
import { type Headers, wrk } from './wrk.ts'

export interface Bench {
  readonly scene: Scene
  readonly rounds: number
  /** Of one round. */
  readonly seconds: number
}
export interface Row {
  readonly what: string
  readonly measured: string
  readonly wanted: string
  readonly ok: boolean
  /** Absolute figures, which say little about another machine. */
  readonly context: string
}
export type Measurement = (bench: Bench) => Promise<readonly Row[]>

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN

export interface Side {
  readonly url: string
  readonly headers: readonly Headers[]
}

/** Rounds A B A B …, after one of each to warm up. @returns the median of the ratios A ÷ B. @throws when a request fails */
export async function compare(
  { scene: { folder }, rounds, seconds }: Bench,
  a: Side,
  b: Side,
  connections: number,
  core: number | undefined,
): Promise<{ readonly ratio: number; readonly context: string }> {
  const once = async (side: Side): Promise<number> => {
    const figures = await wrk({ ...side, seconds, connections, folder, ...(core === undefined ? {} : { core }) })
    if (figures.errors > 0) throw new Error(`${figures.errors} requests to ${side.url} failed`)
    return figures.requestsPerSecond
  }
  await once(a)
  await once(b)
  const ofA: number[] = []
  const ofB: number[] = []
  for (let round = 0; round < rounds; round++) {
    ofA.push(await once(a))
    ofB.push(await once(b))
  }
  const ratios = ofA.map((value, i) => value / (ofB[i] ?? Number.NaN))
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`
  const rates = `${Math.round(median(ofA))} and ${Math.round(median(ofB))} requests/s`
  return { ratio: median(ratios), context: `${spread}; ${rates}` }
}

export const atLeast = (what: string, wanted: number, { ratio, context }: { ratio: number; context: string }): Row => ({
  what,
  measured: ratio.toFixed(3),
  wanted: `≥ ${wanted.toFixed(2)}`,
  ok: ratio >= wanted,
  context,
})

export const atMost = (what: string, wanted: number, measured: number, unit: string, context: string): Row => ({
  what,
  measured: `${measured.toFixed(unit === 'MB' ? 0 : 2)} ${unit}`,
  wanted: `≤ ${wanted} ${unit}`,
  ok: measured <= wanted,
  context,
})

/** Stops all of them whatever happens. */
export async function using<T>(programs: readonly Program[], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await Promise.all(programs.map((program) => program.stop()))
  }
}
