// Judges the operator's cases with the very policy that is to be served. Pure: the text of the file and the people come from outside.
import { parseIpAddress } from '../../base/ip-address.ts'
import type { Problem } from '../../yaml/problem.ts'
import { decide } from '../decide.ts'
import {
  type AccessRequest,
  ANONYMOUS,
  type Decision,
  type Identity,
  type Level,
  type RuleNumber,
  type Target,
} from '../model.ts'
import type { Policy } from '../policy.ts'
import type { CaseTable, PolicyCase } from './policy-case.ts'
import { readPolicyCases } from './read-cases.ts'

/** Groups by canonical name; undefined: who there is isn't known. */
export type KnownPeople = ReadonlyMap<string, readonly string[]> | undefined

export interface PolicyCasesOptions {
  /** The path as it shall stand in positions. */
  readonly file: string
  readonly people: KnownPeople
}

export interface PolicyCasesResult {
  /** Requests that were answered as wanted. */
  readonly passed: number
  /** Requests that weren't, and all that is wrong with the file; each with its place. Empty means: as wanted. */
  readonly failures: readonly Problem[]
  /** Rules that decided none of the cases, in file order. */
  readonly untouchedRules: readonly RuleNumber[]
}

/** @param text of a file of cases; one that can't be read has failures and passes nothing */
export function runPolicyCases(
  text: Uint8Array | string,
  policy: Policy,
  { file, people }: PolicyCasesOptions,
): PolicyCasesResult {
  const read = readPolicyCases(text, file)
  const outcomes = read.kind === 'ok' ? read.tables.flatMap((table) => judgeTable(table, policy, people)) : []
  const touched = new Set(outcomes.map(({ rule }) => rule))
  const failures = outcomes.flatMap(({ failure }) => failure ?? [])
  return {
    passed: outcomes.length - failures.length,
    failures: read.kind === 'ok' ? failures : read.problems,
    untouchedRules: policy.rules.map(({ number }) => number).filter((number) => !touched.has(number)),
  }
}

export interface CaseOutcome {
  /** The rule that decided; undefined when nothing could be asked. */
  readonly rule: RuleNumber | undefined
  readonly failure: Problem | undefined
}

function judgeTable(table: CaseTable, policy: Policy, people: KnownPeople): readonly CaseOutcome[] {
  if (table.ownRules) {
    const message = 'These rules are not looked at: the cases are about the rules of the configuration.'
    const hint = 'Remove rules, default_policy and networks from the table.'
    const failure: Problem = { severity: 'error', code: 'case-own-rules', message, hint, position: table.ownRules }
    return [{ rule: undefined, failure }]
  }
  return table.cases.flatMap((one) => judgeCase(one, table, policy, people))
}

/** One outcome for each combination of who, url and method. */
export function judgeCase(
  one: PolicyCase,
  table: Pick<CaseTable, 'name' | 'people'>,
  policy: Policy,
  people: KnownPeople,
): readonly CaseOutcome[] {
  const label = [table.name, one.id].filter((part) => part !== '').join(': ')
  const fails = (code: string, message: string, hint?: string): Problem => ({
    severity: 'error',
    code,
    message: printable(`${label}: ${message}`),
    position: one.position,
    ...(hint === undefined ? {} : { hint }),
  })
  const outcomes: CaseOutcome[] = []
  for (const who of one.who) {
    const identity = identityOf(who, table.people, people)
    if (identity === undefined) {
      const hint = `Write anon, a name with or without a level (${who}1), or give the groups in the table: people: { ${who}: [] }.`
      outcomes.push({
        rule: undefined,
        failure: fails('case-unknown-person', `nobody called ${JSON.stringify(who)} may sign in`, hint),
      })
      continue
    }
    for (const url of one.url)
      for (const method of one.method) {
        const request = requestOf(url, method, one.ip)
        if (typeof request === 'string') {
          outcomes.push({ rule: undefined, failure: fails('case-value', request) })
          continue
        }
        const decision = decide(request, identity, policy)
        const got = `${who} ${method} ${url}`
        const wrong = mismatch(one, decision)
        outcomes.push({
          rule: decision.verdict.rule,
          failure: wrong === undefined ? undefined : fails('case-failed', `${got}: ${wrong}`),
        })
      }
  }
  return outcomes
}

function mismatch({ want, answer }: PolicyCase, { kind, verdict }: Decision): string | undefined {
  const { requirement, rule } = verdict
  const by = rule === 0 ? 'by default' : `by rule ${rule}`
  if (want.length > 0 && !want.some((one) => (one === 'default' ? rule === 0 : one === requirement)))
    return `${requirement} is demanded ${by}, wanted was ${want.join(' or ')}`
  if (answer !== undefined && answer !== kind)
    return `the answer is ${kind} (${requirement} ${by}), wanted was ${answer}`
  return undefined
}

const LEVELS: Readonly<Record<string, Level>> = { '0': 0, '1': 1, '2': 2 }

/** A name that somebody has comes before one with a level behind it. */
function identityOf(who: string, ...known: readonly KnownPeople[]): Identity | undefined {
  if (who === 'anon') return ANONYMOUS
  const groupsOf = (name: string): readonly string[] | undefined =>
    known.map((people) => people?.get(name)).find((groups) => groups !== undefined)
  const level = LEVELS[who.slice(-1)]
  const [username, groups, proven] =
    groupsOf(who) !== undefined || level === undefined
      ? ([who, groupsOf(who), 2] as const)
      : ([who.slice(0, -1), groupsOf(who.slice(0, -1)), level] as const)
  return groups && { kind: 'user', username, groups, displayName: username, emails: [], level: proven }
}

/** Taken apart as the proxy's headers are; whether the gate would find it malformed isn't asked here. Returns what is wrong instead. */
function requestOf(url: string, method: string, ip: string): AccessRequest | string {
  const target = targetOf(url)
  if (target === undefined) return `${JSON.stringify(url)} is no address; write https://host/path`
  if (!/^[A-Z]{1,32}$/.test(method)) return `${JSON.stringify(method)} is no method; write it in capital letters`
  const clientAddress = parseIpAddress(ip)
  if (clientAddress === undefined) return `${JSON.stringify(ip)} is no IP address`
  return { target, method, clientAddress }
}

function targetOf(url: string): Target | undefined {
  const [, scheme, bracketed, name, port, path = '', query] =
    /^(https?|wss?):\/\/(?:\[([\da-f:.]+)\]|([^/?#:[\]]+))(?::(\d+))?((?:\/[^?]*)?)(?:\?(.*))?$/is.exec(url) ?? []
  const host = bracketed ?? name
  if (scheme === undefined || host === undefined) return undefined
  return { scheme: /s$/i.test(scheme) ? 'https' : 'http', host, port, path, query, url }
}

/** Control characters never reach a terminal or log as they are. */
const printable = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
