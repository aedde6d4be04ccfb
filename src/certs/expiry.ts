// When a certificate ends, and whether somebody should be told. Reads with Node's own parser: a server needs no library for this.
import { X509Certificate } from 'node:crypto'

const DAY = 86_400_000

export interface Expiry {
  readonly kind: 'valid' | 'ends-soon' | 'ended' | 'not-begun'
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
  /** Whole days left; negative when it has ended. */
  readonly days: number
  /** Whoever reads this has to act now: it has ended or not begun, or this is its last week, or last twelfth. */
  readonly isUrgent: boolean
}

/**
 * Of the certificate in `pem` that ends first. `ends-soon` is the last quarter of its life, at most 30 days: whatever renews automatically
 * has done it by then.
 * @param now milliseconds since the epoch
 * @returns undefined when there is no certificate that can be read
 */
export function certificateExpiry(pem: string | Uint8Array, now: number): Expiry | undefined {
  const spans = certificatesIn(pem).map(({ validFromDate, validToDate }) => ({
    notBefore: validFromDate.getTime(),
    notAfter: validToDate.getTime(),
  }))
  const [first, ...others] = spans
  if (first === undefined) return undefined
  const { notBefore, notAfter } = others.reduce((a, b) => (b.notAfter < a.notAfter ? b : a), first)
  const life = notAfter - notBefore
  const soon = Math.min(30 * DAY, life / 4)
  const kind = now > notAfter ? 'ended' : now < notBefore ? 'not-begun' : now > notAfter - soon ? 'ends-soon' : 'valid'
  const isUrgent = kind === 'ended' || kind === 'not-begun' || notAfter - now < Math.min(7 * DAY, life / 12)
  return { kind, notBefore, notAfter, days: Math.floor((notAfter - now) / DAY), isUrgent }
}

/** One sentence for a person, or undefined when all is well. */
export function expiryWarning(expiry: Expiry): string | undefined {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10)
  switch (expiry.kind) {
    case 'valid':
      return undefined
    case 'ended':
      return `the certificate ended on ${day(expiry.notAfter)}: browsers refuse it`
    case 'not-begun':
      return `the certificate is valid from ${day(expiry.notBefore)} on only: browsers refuse it until then; is the clock right?`
    case 'ends-soon':
      return `the certificate ends on ${day(expiry.notAfter)}, ${expiry.days === 1 ? 'in one day' : `in ${expiry.days} days`}: renew it`
  }
}

const BLOCK = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g

/** Those that can be read, in their order; DER holds one. */
export function certificatesIn(pem: string | Uint8Array): X509Certificate[] {
  const text = typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1')
  const blocks: (string | Uint8Array)[] = text.includes('-----BEGIN ') ? (text.match(BLOCK) ?? []) : [pem]
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)]
    } catch {
      return []
    }
  })
}
