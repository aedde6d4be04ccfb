// Builds dist/ from src/, and the list of commands that oclif reads at start instead of loading every command.
// Runs as `prepare`, so a fresh `npm ci` has a working `npx latchkey`; standard output is left to npm (`npm pack --json`).
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'

const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { stdio: ['ignore', 2, 2] })
}

rmSync('dist', { recursive: true, force: true })
rmSync('oclif.manifest.json', { force: true })
run('tsc', '-p', 'tsconfig.build.json')
run('oclif', 'manifest')
