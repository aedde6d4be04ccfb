// Drives wrk and reads its figures. One Lua script sends each connection through a list of requests in turn.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pinned } from './program.ts'

/** Header names and values of one request. */
export type Headers = Readonly<Record<string, string>>
export interface Load {
  readonly url: string
  /** Taken in turn. */
  readonly headers: readonly Headers[]
  readonly seconds: number
  readonly connections: number
  /** Where the script is written. */
  readonly folder: string
  /** Milliseconds that each connection waits before its next request; without it, none. */
  readonly pause?: number
  /** The core it runs on; undefined: any. */
  readonly core?: number
}
export interface Figures {
  readonly requestsPerSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Answers of status 400 and above, and socket errors. */
  readonly errors: number
}

const run = promisify(execFile)
let scripts = 0

export async function wrk(load: Load): Promise<Figures> {
  const script = join(load.folder, `load-${++scripts}.lua`)
  const set = (headers: Headers): string =>
    Object.entries(headers)
      .map(([name, value]) => `[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
      .join(', ')
  const lua = `
local sets = { ${load.headers.map((headers) => `{ ${set(headers)} }`).join(',\n')} }
local requests = {}
local at = 0
function init()
  for i, headers in ipairs(sets) do requests[i] = wrk.format("GET", nil, headers) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
${load.pause === undefined ? '' : `function delay() return ${load.pause} end`}
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("FIGURES %f %f %f %d\\n", summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
`
  writeFileSync(script, lua)
  const size = ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--timeout', '10s']
  const [command, args] = pinned(load.core, 'wrk', [...size, '-s', script, load.url])
  const { stdout } = await run(command, args)
  const [, requestsPerSecond, p50, p99, errors] = /FIGURES (\S+) (\S+) (\S+) (\S+)/.exec(stdout) ?? []
  if (requestsPerSecond === undefined) throw new Error(`wrk said something else:\n${stdout}`)
  return { requestsPerSecond: Number(requestsPerSecond), p50: Number(p50), p99: Number(p99), errors: Number(errors) }
}
