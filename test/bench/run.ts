// npm run bench: how fast and how small the built server is, against a bare node:http server on the same machine. Says what is wanted and whether it
// is reached; ends with 1 when something isn't. Needs wrk and nginx; writes to a temporary folder only.
//   --quick        short rounds, fewer stored sessions: to see whether something broke, not to be quoted
//   --only NAME    gate, rules, nginx, memory, start, logins or cli; may be given several times
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { commandLine } from './cli.ts'
import { gateAgainstBareServer, manyRulesAgainstFew } from './gate.ts'
import { logins } from './logins.ts'
import type { Measurement, Row } from './measurement.ts'
import { throughNginx } from './nginx.ts'
import { memory, startTime } from './rest.ts'
import { prepare, STORED, USED } from './scene.ts'

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  gate: gateAgainstBareServer,
  rules: manyRulesAgainstFew,
  nginx: throughNginx,
  memory,
  start: startTime,
  logins,
  cli: commandLine,
}

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
})
const wanted = values.only ?? Object.keys(MEASUREMENTS)
for (const name of wanted)
  if (!(name in MEASUREMENTS)) throw new Error(`${name} is none of ${Object.keys(MEASUREMENTS)}`)
const root = join(import.meta.dirname, '..', '..')
if (!existsSync(join(root, 'dist'))) execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' })

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const rows: Row[] = []
try {
  const stored = values.quick ? 10 * USED : STORED
  console.log(`preparing ${stored.toLocaleString('en')} sessions …`)
  const scene = await prepare(folder, stored)
  const bench = values.quick ? { scene, rounds: 3, seconds: 1 } : { scene, rounds: 5, seconds: 3 }
  for (const name of wanted) {
    console.log(`measuring ${name} …`)
    rows.push(...((await MEASUREMENTS[name]?.(bench)) ?? []))
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

const table = [
  { what: 'what', measured: 'measured', wanted: 'wanted', ok: '', context: 'absolute figures, this machine' },
  ...rows.map((row) => ({ ...row, ok: row.ok ? 'ok' : 'NOT OK' })),
]
const width = (pick: (row: (typeof table)[number]) => string): number =>
  Math.max(...table.map((row) => pick(row).length))
const widths = [
  width((row) => row.what),
  width((row) => row.measured),
  width((row) => row.wanted),
  width((row) => row.ok),
]
console.log()
for (const { what, measured, wanted, ok, context } of table) {
  const cells = [what, measured, wanted, ok].map((cell, i) => cell.padEnd(widths[i] ?? 0))
  console.log([...cells, context].join('  ').trimEnd())
}
if (rows.some(({ ok }) => !ok)) process.exitCode = 1
