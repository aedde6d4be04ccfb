// The arithmetic of token buckets: how many tries somebody has, as of a moment. Who is counted, and what a try costs, is for whoever keeps them to say.

export interface Bucket {
  readonly tokens: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/**
 * @param most tokens of a full one
 * @param period milliseconds in which one comes back
 */
export function refilled({ tokens, at }: Bucket, most: number, period: number, now: number): Bucket {
  // a clock that was set back gives nothing back, and time counts on from there
  const elapsed = Math.max(0, now - at)
  return { tokens: Math.min(most, tokens + elapsed / period), at: now }
}

/** Milliseconds until there is a whole token; 0: there is one. */
export const untilNext = ({ tokens }: Bucket, period: number): number => (tokens >= 1 ? 0 : (1 - tokens) * period)
