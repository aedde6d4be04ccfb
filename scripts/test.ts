// Runs the tests with node:test: every test/**/*.test.ts, or the files and folders given. The closing summary is printed last.
import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'

const SLOW = ['test/bench/']
const args = process.argv.slice(2)
const flags = args.filter((arg) => arg.startsWith('--'))
const places = args.filter((arg) => !arg.startsWith('--'))
const files = (places.length > 0 ? places : ['test'])
  .flatMap((place) => (statSync(place).isDirectory() ? globSync(`${place.replace(/\/$/, '')}/**/*.test.ts`) : [place]))
  .filter((file) => !SLOW.some((prefix) => file.startsWith(prefix)))
  .sort()
const run = spawnSync(process.execPath, ['--test', '--test-concurrency=2', ...flags, ...files], { stdio: 'inherit' })
process.exitCode = run.status ?? 1
