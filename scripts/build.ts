// Builds dist/ from src/ with tsc. Runs as `prepare`, so a fresh `npm ci` has a working `npx latchkey`.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
execFileSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
