// A compiled pattern of a rule: RE2 syntax with linear time (re2js), or a string test where the pattern is plain enough.
// Matching is unanchored and case-sensitive unless the pattern says otherwise.
import { RE2JS } from 're2js'
import { hasGroup, isSurelyValid, mentions, parseRe2, requiredPrefix, requiredSuffix } from './re2-syntax.ts'
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
  // a compiled pattern weighs 20 kB; one that is surely valid need not be compiled before it is asked for
  let compiled = tree !== undefined && isSurelyValid(tree) ? undefined : RE2JS.compile(source)
  const re2 = (): RE2JS => {
    compiled ??= RE2JS.compile(source)
    return compiled
  }
  const has = (name: string): boolean =>
    tree === undefined ? Object.hasOwn(re2().namedGroups(), name) : hasGroup(tree, name)
  const [hasUser, hasGroups] = [has('User'), has('Group')]
  const namesIdentity = hasUser || hasGroups
  const plain = tree === undefined || namesIdentity ? undefined : textTest(tree)
  const suffix = tree === undefined ? '' : requiredSuffix(tree)
  const prefix = tree === undefined ? '' : requiredPrefix(tree)
  // most texts fail already here, so that most patterns are never compiled, and those that are stay out of the processor's caches
  const test = plain ?? ((text: string) => text.startsWith(prefix) && text.endsWith(suffix) && re2().test(text))
  return {
    source,
    test,
    namesQuery: tree !== undefined && mentions(tree, '?'),
    namesIdentity,
    suffix,
    capture: (text) => {
      if (!namesIdentity) return test(text) ? NOBODY : undefined
      const matcher = re2().matcher(text)
      if (!matcher.find()) return undefined
      return {
        user: hasUser ? (matcher.group('User') ?? '') : undefined,
        group: hasGroups ? (matcher.group('Group') ?? '') : undefined,
      }
    },
  }
}

const NOBODY: Captures = { user: undefined, group: undefined }
