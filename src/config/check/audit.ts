// Checks of audit: how long the trail is kept.
import { parseDuration } from '../format/duration.ts'
import type { CheckContext } from './context.ts'

const SHORTEST = 3_600_000

export function checkAudit({ config, report }: CheckContext): void {
  const { retention } = config.audit
  if ((parseDuration(retention) ?? SHORTEST) < SHORTEST)
    report.error('wrong-value', '/audit/retention', `must be at least 1 hour, not ${JSON.stringify(retention)}`)
}
