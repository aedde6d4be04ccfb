// What came of importing one kind of thing.

export interface Part {
  /** By the names that people know; in the order of the source. */
  readonly imported: readonly string[]
  /** Here already, kept as they are. */
  readonly kept: readonly string[]
  readonly skipped: readonly { readonly name: string; readonly why: string }[]
}

/** Whose way to sign in it is, and which; as the trail names it. */
export interface Factor {
  readonly username: string
  readonly subject: string
}

export type Outcome = { readonly name: string } & (
  | { readonly kind: 'imported'; readonly factor?: Factor }
  | { readonly kind: 'kept' }
  | { readonly kind: 'skipped'; readonly why: string }
)

export const partOf = (outcomes: readonly Outcome[]): Part => ({
  imported: outcomes.flatMap(({ kind, name }) => (kind === 'imported' ? [name] : [])),
  kept: outcomes.flatMap(({ kind, name }) => (kind === 'kept' ? [name] : [])),
  skipped: outcomes.flatMap((outcome) =>
    outcome.kind === 'skipped' ? [{ name: outcome.name, why: outcome.why }] : [],
  ),
})
