// What holds in a block of nginx's configuration: inherited directives, variables that were set, what could not be read.
import type { Directive, Located } from './nginx-tree.ts'

export interface Scope {
  readonly location: Directive
  /** Innermost first: the location itself, then what is around it, then the file. */
  readonly levels: readonly (readonly Directive[])[]
}

export function scopeOf({ directive, around }: Located, top: readonly Directive[]): Scope {
  return {
    location: directive,
    levels: [...[...around, directive].reverse().map(({ block }) => block ?? []), top],
  }
}

/** The directives of a name that hold here: those of the innermost level that has any. nginx inherits lists so: all or nothing. */
export function effective(scope: Scope, name: string): readonly Directive[] {
  for (const level of scope.levels) {
    const here = level.filter((directive) => directive.name === name)
    if (here.length > 0) return here
  }
  return []
}

/** The value a single-valued directive has here. */
export const settingOf = (scope: Scope, name: string): Directive | undefined => effective(scope, name).at(-1)

/** Something that could not be read stands here or around: what is missing may stand there. */
export const hasUnread = (scope: Scope): boolean => scope.levels.some((level) => level.some(({ unread }) => unread))

export interface SetHeader {
  readonly name: string
  readonly value: string
  readonly directive: Directive
}

/** `proxy_set_header` as it holds here, by lower-case name. */
export function headersOf(scope: Scope): ReadonlyMap<string, SetHeader> {
  return new Map(
    effective(scope, 'proxy_set_header').map((directive) => {
      const [name = '', ...value] = directive.args
      return [name.toLowerCase(), { name, value: value.join(' '), directive }]
    }),
  )
}

/** Variables with a known value, put in their places. */
export function resolve(text: string, variables: ReadonlyMap<string, string>): string {
  let out = text
  for (let i = 0; i < 5; i++) {
    const next = out.replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced, bare) => variables.get(braced ?? bare) ?? whole)
    if (next === out) break
    out = next
  }
  return out
}

/** What `set` says in this block and around it; the innermost counts. */
export function variablesOf({ levels }: Scope): ReadonlyMap<string, string> {
  const sets = levels.toReversed().flatMap((level) => level.filter(({ name }) => name === 'set'))
  return new Map(sets.map(({ args }) => [(args[0] ?? '').replace(/^\$/, ''), args[1] ?? '']))
}
