// A bounded map that keeps what was used lately. Two generations instead of a list in order of use: looking up what is young touches one map and
// writes nothing, which is what the gate's hot path needs. It keeps at least half of what fits, and what was used since.

export interface GenerationsOptions<K, V> {
  /** Of both generations together. */
  readonly capacity: number
  /** How much of the capacity an entry takes; 1 unless told. */
  readonly weigh?: (value: V) => number
  /** Told of each entry that is dropped for want of room, replaced or deleted. */
  readonly onLeave?: (value: V, key: K) => void
}

export class Generations<K, V> {
  readonly #half: number
  readonly #weigh: (value: V) => number
  readonly #onLeave: ((value: V, key: K) => void) | undefined
  #young = new Map<K, V>()
  #old = new Map<K, V>()
  #weight = 0

  constructor({ capacity, weigh = () => 1, onLeave }: GenerationsOptions<K, V>) {
    this.#half = capacity / 2
    this.#weigh = weigh
    this.#onLeave = onLeave
  }

  get(key: K): V | undefined {
    const found = this.#young.get(key)
    return found === undefined && this.#old.size > 0 ? this.#rejuvenate(key) : found
  }

  set(key: K, value: V): void {
    this.delete(key)
    this.#add(key, value)
  }

  delete(key: K): boolean {
    return this.#deleteFrom(this.#young, key, true) || this.#deleteFrom(this.#old, key, false)
  }

  clear(): void {
    const gone = [this.#young, this.#old]
    this.#young = new Map()
    this.#old = new Map()
    this.#weight = 0
    for (const map of gone) this.#tell(map)
  }

  #rejuvenate(key: K): V | undefined {
    const value = this.#old.get(key)
    if (value === undefined) return undefined
    this.#old.delete(key)
    this.#add(key, value)
    return value
  }

  #add(key: K, value: V): void {
    const weight = this.#weigh(value)
    if (this.#weight + weight > this.#half && this.#young.size > 0) {
      const gone = this.#old
      this.#old = this.#young
      this.#young = new Map()
      this.#weight = 0
      this.#tell(gone)
    }
    this.#young.set(key, value)
    this.#weight += weight
  }

  #deleteFrom(map: Map<K, V>, key: K, isYoung: boolean): boolean {
    const value = map.get(key)
    if (value === undefined) return false
    map.delete(key)
    if (isYoung) this.#weight -= this.#weigh(value)
    this.#onLeave?.(value, key)
    return true
  }

  #tell(gone: ReadonlyMap<K, V>): void {
    if (this.#onLeave !== undefined) for (const [key, value] of gone) this.#onLeave(value, key)
  }
}
