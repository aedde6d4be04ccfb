// The syntax tree of a template, shaped like the language of Go's text/template.

interface At {
  /** Into the text that was parsed. */
  readonly offset: number
}

export type Statement =
  | (At & { readonly kind: 'text'; readonly text: string })
  | (At & { readonly kind: 'action'; readonly pipeline: Pipeline })
  | (At & { readonly kind: 'if' | 'with' | 'range'; readonly pipeline: Pipeline } & Branches)
  | (At & { readonly kind: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined })
  | (At & { readonly kind: 'break' | 'continue' })

export interface Branches {
  readonly body: readonly Statement[]
  readonly otherwise: readonly Statement[]
}

export interface Pipeline extends At {
  /** Names with their `$`. */
  readonly variables: readonly string[]
  readonly assigns: boolean
  readonly commands: readonly Command[]
}

export interface Command extends At {
  /** Never empty. */
  readonly operands: readonly Operand[]
}

export type Operand =
  | (At & { readonly kind: 'string'; readonly value: string })
  | (At & { readonly kind: 'number'; readonly value: bigint | number })
  | (At & { readonly kind: 'boolean'; readonly value: boolean })
  | (At & { readonly kind: 'nil' })
  | (At & { readonly kind: 'dot' })
  | (At & { readonly kind: 'field'; readonly path: readonly string[] })
  | (At & { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] })
  | (At & { readonly kind: 'function'; readonly name: string })
  | (At & { readonly kind: 'chain'; readonly operand: Operand; readonly path: readonly string[] })
  | (At & { readonly kind: 'pipeline'; readonly pipeline: Pipeline })

export interface ParsedTemplate {
  readonly main: readonly Statement[]
  /** By name: `define`d ones and blocks. */
  readonly defined: ReadonlyMap<string, readonly Statement[]>
}
