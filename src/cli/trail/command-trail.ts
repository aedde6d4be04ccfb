// The trail as commands write it where no server runs: into storage, and what can't be stored is said on standard error.
import { createTrail, type Trail } from '../../audit/trail.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Storage } from '../../storage/storage.ts'

export const commandTrail = ({ events }: Pick<Storage, 'events'>, clock: Clock): Trail =>
  createTrail({ events, clock, log: onlyErrors })

const nothing = (): void => {}
const onlyErrors: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: (fields, message) => {
    const reason = 'err' in fields && fields.err instanceof Error ? `: ${fields.err.message}` : ''
    process.stderr.write(`latchkey: ${message}${reason}\n`)
  },
  child: () => onlyErrors,
  isLevelEnabled: (level) => level === 'error',
}
