// Waiting in turn: one line for each key (a client address), served round robin, so that who sends a hundred doesn't delay who sends one. Bounded.

export interface FairQueueLimits {
  readonly perKey: number
  readonly total: number
}

export class FairQueue<T> {
  readonly #limits: FairQueueLimits
  /** In the order of their next turn; no line is ever empty. */
  readonly #lines = new Map<string, T[]>()
  #size = 0

  constructor(limits: FairQueueLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#size
  }

  /** False when there's no room for this key. */
  add(key: string, item: T): boolean {
    const line = this.#lines.get(key)
    if (this.#size >= this.#limits.total || (line?.length ?? 0) >= this.#limits.perKey) return false
    if (line) line.push(item)
    else this.#lines.set(key, [item])
    this.#size += 1
    return true
  }

  /** Whose turn it is, without taking it. */
  peek(): T | undefined {
    const [line] = this.#lines.values()
    return line?.[0]
  }

  take(): T | undefined {
    const [entry] = this.#lines
    if (!entry) return undefined
    const [key, line] = entry
    const item = line.shift()
    this.#lines.delete(key)
    if (line.length > 0) this.#lines.set(key, line)
    this.#size -= 1
    return item
  }

  remove(key: string, item: T): void {
    const line = this.#lines.get(key)
    const at = line?.indexOf(item) ?? -1
    if (!line || at < 0) return
    line.splice(at, 1)
    this.#size -= 1
    if (line.length === 0) this.#lines.delete(key)
  }
}
