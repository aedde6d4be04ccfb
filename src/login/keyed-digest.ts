// A keyed digest of several texts together, for what is stored and must tell nothing.
import { createHmac } from 'node:crypto'

/** Lengths go in too: ('ab', 'c') is not ('a', 'bc'). */
export function keyedDigest(key: Uint8Array, ...parts: readonly string[]): Buffer {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(`${Buffer.byteLength(part)}:`).update(part)
  return mac.digest()
}
