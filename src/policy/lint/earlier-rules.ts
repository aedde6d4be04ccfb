// Finds the earlier rules that may cover a domain, so that two thousand rules need not be held against each other one by one.
import type { DomainPiece, Pieces } from './pieces.ts'

export class EarlierRules {
  readonly #byKey = new Map<string, Pieces[]>()
  readonly #endings = new Set<number>()
  /** Those that might cover anything. */
  readonly #others: Pieces[] = []

  add(rule: Pieces): void {
    for (const { value } of rule.domain) {
      this.#file(value.key, rule)
      for (const { from, text, to } of value.lowerCase.exact ?? []) {
        if (to !== 'here') this.#others.push(rule)
        else if (from === 'here') this.#file(`host ${text}`, rule)
        else {
          this.#file(`ending ${text}`, rule)
          this.#endings.add(text.length)
        }
      }
    }
  }

  /** In file order; every rule that covers the domain is among them. */
  mayCover({ key: own, lowerCase }: DomainPiece): readonly Pieces[] {
    const found = new Set(this.#others)
    const take = (key: string): void => {
      for (const rule of this.#byKey.get(key) ?? []) found.add(rule)
    }
    take(own)
    for (const { text } of lowerCase.exact ?? lowerCase.hulls) {
      take(`host ${text}`)
      for (const length of this.#endings) if (length <= text.length) take(`ending ${text.slice(text.length - length)}`)
    }
    return [...found].sort((a, b) => a.rule.number - b.rule.number)
  }

  #file(key: string, rule: Pieces): void {
    const known = this.#byKey.get(key)
    if (known) known.push(rule)
    else this.#byKey.set(key, [rule])
  }
}
