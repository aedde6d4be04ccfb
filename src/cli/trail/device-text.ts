// A browser in words, for a column of a table: what it is as the account page says it, or else what it calls itself.
import { deviceOf } from '../../base/device.ts'

const LONGEST = 60

export function deviceText(userAgent: string): string {
  const { browser, system } = deviceOf(userAgent)
  if (browser !== undefined && system !== undefined) return `${browser} on ${system}`
  return browser ?? system ?? userAgent.slice(0, LONGEST)
}
