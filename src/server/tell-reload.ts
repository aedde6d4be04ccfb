// What the log says about a reload: every problem with its place, what serves now, what waits for the next start, and when all is well again.
import type { Logger } from '../base/log.ts'
import type { Problem } from '../yaml/problem.ts'
import type { ReloadOutcome } from './reload.ts'

/** @param known warnings of the configuration that was started with; each is told once, until it has gone and come back */
export function createReloadTeller(log: Logger, known: readonly Problem[]) {
  let told = new Set(known.map(nameOf))
  let restart = ''
  return (outcome: ReloadOutcome, before: ReloadOutcome | undefined): void => {
    const { kind, cause, snapshot, problems } = outcome
    if (kind === 'refused') {
      for (const problem of problems) write(log, problem)
      log.error({ cause, errors: problems.length, snapshot }, 'the change is refused; what served before keeps serving')
      return
    }
    for (const warning of problems) if (!told.has(nameOf(warning))) write(log, warning)
    told = new Set(problems.map(nameOf))
    const keys = outcome.restart.join(', ')
    if (keys !== '' && keys !== restart) {
      log.warn({ keys: outcome.restart }, `these keys count after the next start only: ${keys}`)
    }
    restart = keys
    log.info({ cause, snapshot }, 'reloaded')
    if (before?.kind === 'refused') log.info({ snapshot }, 'healed: what the files say is in force again')
  }
}

const nameOf = ({ code, message }: Problem): string => `${code} ${message}`

function write(log: Logger, { severity, code, message, position, hint }: Problem): void {
  const fields = { ...position, reason: code, ...(hint === undefined ? {} : { hint }) }
  log[severity === 'error' ? 'error' : 'warn'](fields, message)
}
