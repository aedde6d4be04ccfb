// What came of importing one kind of thing.

export interface Part {
  /** By the names that people know; in the order of the source. */
  readonly imported: readonly string[]
  /** Here already, kept as they are. */
  readonly kept: readonly string[]
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
}

/** @param why only where it is skipped */
export type Outcome = { readonly name: string } & (
  | { readonly kind: 'imported' | 'kept' }
  | { readonly kind: 'skipped'; readonly why: string }
)

export const partOf = (outcomes: readonly Outcome[]): Part => ({
  imported: outcomes.flatMap(({ kind, name }) => (kind === 'imported' ? [name] : [])),
  kept: outcomes.flatMap(({ kind, name }) => (kind === 'kept' ? [name] : [])),
  skipped: outcomes.flatMap((outcome) =>
    outcome.kind === 'skipped' ? [{ name: outcome.name, why: outcome.why }] : [],
  ),
})
