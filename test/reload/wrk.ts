// wrk as one visitor more, a very fast one: it counts which answers it got of which snapshot.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

export const hasWrk = spawnSync('wrk', ['--version']).error === undefined

export interface Counted {
  /** `snapshot|status|groups` → how many. */
  readonly answers: ReadonlyMap<string, number>
  /** Socket errors and timeouts. */
  readonly lost: number
}

export class Wrk {
  readonly #child: ChildProcess
  readonly #output: Promise<string>

  constructor(url: string, headers: Readonly<Record<string, string>>, script: string) {
    const set = Object.entries(headers).map(([name, value]) => `[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
    writeFileSync(
      script,
      `
local threads = {}
function setup(thread) table.insert(threads, thread) end
counts = {}
wrk.headers = { ${set.join(', ')} }
function response(status, headers, body)
  local key = (headers["X-Latchkey-Snapshot"] or "none") .. "|" .. status .. "|" .. (headers["Remote-Groups"] or "")
  counts[key] = (counts[key] or 0) + 1
end
function done(summary)
  for _, thread in ipairs(threads) do
    for key, count in pairs(thread:get("counts")) do io.write("COUNT ", count, " ", key, "\\n") end
  end
  local errors = summary.errors
  io.write("LOST ", errors.connect + errors.read + errors.write + errors.timeout, "\\n")
end
`,
    )
    this.#child = spawn('wrk', ['-t1', '-c4', '-d3600s', '--timeout', '20s', '-s', script, url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    this.#output = new Promise((resolve) => this.#child.once('close', () => resolve(text)))
  }

  async end(): Promise<Counted> {
    this.#child.kill('SIGINT')
    const text = await this.#output
    const lost = /^LOST (\d+)$/m.exec(text)?.[1]
    if (lost === undefined) throw new Error(`wrk said something else:\n${text}`)
    const lines = [...text.matchAll(/^COUNT (\d+) (.*)$/gm)]
    return { answers: new Map(lines.map(([, count, key]) => [key ?? '', Number(count)])), lost: Number(lost) }
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
