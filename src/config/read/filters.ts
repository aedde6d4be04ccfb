// The filters that change a configuration file's text before it is read as YAML: which are asked for, and running them in order.
import type { Problem } from '../../yaml/problem.ts'
import { expandEnv } from './expand-env.ts'
import { renderTemplate } from './template/render.ts'

export type FilterName = 'expand-env' | 'template'
const FILTERS: readonly FilterName[] = ['expand-env', 'template']

const EXPAND_ENV_IS_OLD: Problem = {
  severity: 'warning',
  code: 'deprecated-filter',
  message: 'The filter expand-env is deprecated.',
  hint: 'Use the filter template and {{ env "NAME" }} in its place.',
}

export interface ChosenFilters {
  readonly filters: readonly FilterName[]
  readonly problems: readonly Problem[]
}

/** @param given what the flag names, each may be a comma list; when there is nothing, `X_LATCHKEY_CONFIG_FILTERS` or Authelia's counts */
export function chooseFilters(
  given: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ChosenFilters {
  const problems: Problem[] = []
  const filters: FilterName[] = []
  const named = given.length > 0 ? given : [env['X_LATCHKEY_CONFIG_FILTERS'] || env['X_AUTHELIA_CONFIG_FILTERS'] || '']
  const error = (code: string, message: string, hint: string) =>
    problems.push({ severity: 'error', code, message, hint })
  for (const name of named.flatMap((text) => (text === '' ? [] : text.split(',')))) {
    const filter = FILTERS.find((known) => known === name.toLowerCase())
    if (!filter)
      error(
        'unknown-filter',
        `There is no filter ${JSON.stringify(name)}.`,
        `The filters are ${FILTERS.join(' and ')}.`,
      )
    else if (filters.includes(filter)) error('repeated-filter', `The filter ${filter} is named twice.`, 'Name it once.')
    else {
      filters.push(filter)
      if (filter === 'expand-env') problems.push(EXPAND_ENV_IS_OLD)
    }
  }
  return { filters, problems }
}

export interface FilterContext {
  /** As it shall stand in positions. */
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Milliseconds since the epoch, for the template functions about time. */
  readonly now: number
  /** Told of each file that a filter reads. */
  readonly onFileRead: (path: string) => void
}

export type Filtered =
  /** `sourceLine`: where a line of the text stands in the file; absent when nothing moved. */
  | { readonly kind: 'ok'; readonly text: string; readonly sourceLine: ((line: number) => number) | undefined }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }

export function runFilters(text: string, filters: readonly FilterName[], context: FilterContext): Filtered {
  let current = text
  let sourceLine: ((line: number) => number) | undefined
  for (const filter of filters) {
    if (filter === 'expand-env') {
      current = expandEnv(current, context.env)
      continue
    }
    const rendered = renderTemplate(current, context.file, context)
    if (rendered.kind === 'invalid') return rendered
    current = rendered.text
    sourceLine = rendered.sourceLine
  }
  return { kind: 'ok', text: current, sourceLine }
}
