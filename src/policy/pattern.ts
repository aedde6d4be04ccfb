// A compiled pattern of a rule: RE2 syntax with linear time (re2js), or a string test where the pattern is plain enough.
// Matching is unanchored and case-sensitive unless the pattern says otherwise.
import { RE2JS } from 're2js'
import { hasGroup, mentions, parseRe2, requiredSuffix } from './re2-syntax.ts'
import { textTest } from './text-test.ts'

export interface Pattern {
  readonly source: string
  readonly test: (text: string) => boolean
  /** The author wrote a `?`, literally or in a class that lists it: only then may a match rest on the query string. */
  readonly namesQuery: boolean
  /** The pattern has a group named User or Group: who asks must be the one named by the text. */
  readonly namesIdentity: boolean
  /** Every text that matches ends with this; '' when nothing is known. */
  readonly suffix: string
  /** What the groups User and Group hold in the first match ('' for one that took no part); undefined when there is no match. */
  readonly capture: (text: string) => Captures | undefined
}

export interface Captures {
  /** undefined when the pattern has no such group. */
  readonly user: string | undefined
  readonly group: string | undefined
}

/** Throws RE2JSException when the pattern is not valid RE2; configuration is validated before it comes here. */
export function compilePattern(source: string): Pattern {
  const tree = parseRe2(source)
  const namesQuery = tree !== undefined && mentions(tree, '?')
  const suffix = tree === undefined ? '' : requiredSuffix(tree)
  const plain = tree === undefined || hasGroup(tree, IDENTITY_GROUPS) ? undefined : textTest(tree)
  if (plain !== undefined) {
    const capture = (text: string) => (plain(text) ? NOBODY : undefined)
    return { source, test: plain, namesQuery, namesIdentity: false, suffix, capture }
  }

  const compiled = RE2JS.compile(source)
  const groups = compiled.namedGroups()
  const user = Object.hasOwn(groups, 'User') ? groups['User'] : undefined
  const group = Object.hasOwn(groups, 'Group') ? groups['Group'] : undefined
  const namesIdentity = user !== undefined || group !== undefined
  return {
    source,
    test: (text) => compiled.test(text),
    namesQuery,
    namesIdentity,
    suffix,
    capture: (text) => {
      if (!namesIdentity) return compiled.test(text) ? NOBODY : undefined
      const matcher = compiled.matcher(text)
      if (!matcher.find()) return undefined
      return {
        user: user === undefined ? undefined : (matcher.group(user) ?? ''),
        group: group === undefined ? undefined : (matcher.group(group) ?? ''),
      }
    },
  }
}

const IDENTITY_GROUPS: readonly string[] = ['User', 'Group']
const NOBODY: Captures = { user: undefined, group: undefined }
