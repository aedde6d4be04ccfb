// The filter `expand-env`: `$NAME` and `${NAME}` become the variable's value, as Go's os.Expand does it. Deprecated by Authelia in favour of `template`.
import { visibleVariable } from './visible-environment.ts'

/** Missing variables are empty. `$5`, `$$` and `$*` stand for shell parameters, which nobody sets; `$` before anything else stays. */
export function expandEnv(text: string, env: Readonly<Record<string, string | undefined>>): string {
  const pattern = /\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*)|([*#$@!?\-0-9])|\{)/g
  return text.replace(pattern, (_, braced?: string, bare?: string, special?: string) => {
    const name = braced ?? bare ?? special ?? ''
    if (name === '$') return '$'
    return visibleVariable(env, name) ?? ''
  })
}
