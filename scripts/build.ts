// Builds dist/ from src/, and the list of commands that oclif reads at start instead of loading every command.
// Runs as `prepare`, so a fresh `npm ci` has a working `npx latchkey`; standard output is left to npm (`npm pack --json`).
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'

const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { stdio: ['ignore', 2, 2] })
}

rmSync('dist', { recursive: true, force: true })
rmSync('oclif.manifest.json', { force: true })
run('tsc', '-p', 'tsconfig.build.json')
run('oclif', 'manifest')

/** undefined outside of a checkout, and where git isn't installed. */
const git = (...args: string[]): string | undefined => {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
// For `latchkey build-info`. The date is the commit's, so that one commit builds to the same bytes.
const info = {
  tag: git('describe', '--tags', '--exact-match'),
  branch: git('branch', '--show-current') || undefined,
  commit: git('rev-parse', 'HEAD'),
  date: git('log', '-1', '--format=%cI'),
  dirty: git('status', '--porcelain') === undefined ? undefined : git('status', '--porcelain') !== '',
}
writeFileSync('dist/build-info.json', `${JSON.stringify(info, null, 2)}\n`)
