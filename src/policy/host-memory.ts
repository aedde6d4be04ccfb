// Remembers the rules of the hosts that were asked for lately, bounded by weight. Two generations instead of a list in order of use: a look-up
// touches one map and writes nothing, which is what the gate's hot path needs.
import type { HostRules } from './host-index.ts'

/** Of one generation: some 8,000 hosts with a few rules each, or fewer with many. */
const MAX_WEIGHT = 262_144
const WEIGHT_OF_HOST = 32

export class HostMemory {
  #young = new Map<string, HostRules>()
  #old = new Map<string, HostRules>()
  #weight = 0

  get(host: string): HostRules | undefined {
    const found = this.#young.get(host)
    if (found !== undefined) return found
    const old = this.#old.get(host)
    if (old !== undefined) this.#add(host, old)
    return old
  }

  set(host: string, rules: HostRules): void {
    // a string of its own: a slice would keep the whole header that it was cut from
    this.#add(Buffer.from(host).toString(), rules)
  }

  #add(host: string, rules: HostRules): void {
    const weight = rules.rules.length + WEIGHT_OF_HOST
    if (this.#weight + weight > MAX_WEIGHT) {
      this.#old = this.#young
      this.#young = new Map()
      this.#weight = 0
    }
    this.#young.set(host, rules)
    this.#weight += weight
  }
}
