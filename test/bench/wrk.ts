// Drives wrk and reads its figures. One Lua script sends each connection through a list of header sets in turn.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface Load {
  readonly url: string
  /** Header sets, taken in turn. */
  readonly headers: readonly Readonly<Record<string, string>>[]
  readonly seconds: number
  readonly connections: number
  readonly folder: string
}
export interface Figures {
  readonly requestsPerSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Answers other than 2xx and 3xx, and socket errors. */
  readonly errors: number
}

const run = promisify(execFile)

export async function wrk(load: Load): Promise<Figures> {
  const script = join(load.folder, `wrk-${Math.random().toString(36).slice(2)}.lua`)
  const sets = load.headers.map(
    (set) => `{ ${Object.entries(set).map(([name, value]) => `[${JSON.stringify(name)}] = ${JSON.stringify(value)}`).join(', ')} }`,
  )
  const lua = `
local sets = { ${sets.join(',\n')} }
local requests = {}
local next = 0
function init()
  for i, headers in ipairs(sets) do requests[i] = wrk.format("GET", nil, headers) end
end
function request()
  next = next % #requests + 1
  return requests[next]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("FIGURES %f %f %f %d\\n", summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
`
  writeFileSync(script, lua)
  const { stdout } = await run('wrk', ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--timeout', '10s', '-s', script, load.url])
  const [, requestsPerSecond, p50, p99, errors] = /FIGURES (\S+) (\S+) (\S+) (\S+)/.exec(stdout) ?? []
  if (requestsPerSecond === undefined) throw new Error(`wrk said something else:\n${stdout}`)
  return { requestsPerSecond: Number(requestsPerSecond), p50: Number(p50), p99: Number(p99), errors: Number(errors) }
}
