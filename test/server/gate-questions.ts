// How tests ask the gate, and what an answer must never be. Headers are lists, so that a test can repeat, drop or misspell each of them.
import assert from 'node:assert/strict'
import { COOKIE } from './gate-lab.ts'
import type { RawRequest, RawResponse } from './raw-http.ts'

export type Lines = readonly (readonly [string, string])[]

export interface Question {
  readonly host?: string
  readonly uri?: string
  readonly method?: string
  readonly proto?: string
  /** Value of X-Forwarded-For; undefined: the usual client. */
  readonly client?: string
  /** Value of the session cookie. */
  readonly session?: string
  readonly accept?: string
  readonly extra?: Lines
  /** Names of lines that are left out. */
  readonly without?: readonly string[]
  readonly endpoint?: string
  readonly query?: string
}

const common = ({ client = '203.0.113.7', session, accept = 'text/html', extra = [] }: Question): Lines => [
  ['X-Forwarded-For', client],
  ['Accept', accept],
  ...(session === undefined ? [] : [['Cookie', `${COOKIE}=${session}`] as const]),
  ...extra,
]
const cut = (lines: Lines, without: readonly string[] = []): Lines => lines.filter(([name]) => !without.includes(name))

export function forwardAuth(question: Question = {}): RawRequest {
  const { host = 'one.example.com', uri = '/', method = 'GET', proto = 'https', query = '' } = question
  const lines: Lines = [
    ['X-Forwarded-Method', method],
    ['X-Forwarded-Proto', proto],
    ['X-Forwarded-Host', host],
    ['X-Forwarded-Uri', uri],
    ...common(question),
  ]
  return { path: `/api/authz/${question.endpoint ?? 'forward-auth'}${query}`, headers: cut(lines, question.without) }
}

/** `url` instead of the question's parts, where a test wants a broken one. */
export function authRequest(question: Question = {}, url?: string): RawRequest {
  const { host = 'one.example.com', uri = '/', method = 'GET', proto = 'https', query = '' } = question
  const lines: Lines = [
    ['X-Original-Method', method],
    ['X-Original-URL', url ?? `${proto}://${host}${uri}`],
    ...common(question),
  ]
  return { path: `/api/authz/${question.endpoint ?? 'auth-request'}${query}`, headers: cut(lines, question.without) }
}

export function extAuthz(question: Question = {}): RawRequest {
  const { host = 'one.example.com', uri = '/', method = 'GET', proto = 'https' } = question
  const lines: Lines = [['Host', host], ['X-Forwarded-Proto', proto], ...common(question)]
  return { method, path: `/api/authz/ext-authz/${uri}`, headers: cut(lines, question.without) }
}

export function legacy(question: Question = {}): RawRequest {
  const { query = '?rd=https://auth.example.com/' } = question
  return { path: `/api/verify${query}`, headers: forwardAuth(question).headers ?? [] }
}

export const REMOTE = ['remote-user', 'remote-groups', 'remote-name', 'remote-email'] as const

/** What holds for every answer to everybody. */
export function assertSound(answer: RawResponse): void {
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.equal(answer.headers['set-cookie'], undefined)
  assert.doesNotMatch(answer.body, /\bat \S+:\d+|node_modules|\/src\//)
}

/** Nobody passes, and nobody is named. */
export function assertClosed(answer: RawResponse, note?: string): void {
  assertSound(answer)
  assert.ok(answer.status >= 300 && answer.status < 500, `${note ?? ''} ${answer.status}`)
  for (const name of REMOTE) assert.equal(answer.headers[name], undefined, note)
}

export function assertStatus(answer: RawResponse, status: number, note?: string): void {
  assert.equal(answer.status, status, note)
  if (status >= 300) assertClosed(answer, note)
  else assertSound(answer)
}

/** Passes as this user; '' is nobody. All four identity headers are there, the body is empty. */
export function assertAllowed(answer: RawResponse, username: string, note?: string): void {
  assertSound(answer)
  assert.equal(answer.status, 200, note)
  for (const name of REMOTE) assert.notEqual(answer.headers[name], undefined, `${note ?? ''} ${name}`)
  assert.equal(answer.headers['remote-user'], username, note)
  if (username === '') for (const name of REMOTE) assert.equal(answer.headers[name], '', note)
  assert.equal(answer.headers['content-length'], '0')
  assert.equal(answer.body, '')
}
