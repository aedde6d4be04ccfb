// Where something was done from, as its owner may see it: enough to tell home from elsewhere, not enough to name a device.
import { coarseNetwork } from '../../base/ip-address.ts'

/** `203.0.113.7` → `203.0.113.0/24`. The record of attempts has IPv6 addresses as networks already. */
export const networkText = (address: string): string => coarseNetwork(address.replace(/\/\d+$/, ''))
