// What a check says about a proxy's set-up, and why each kind of mistake matters: one list for all proxies.

/** A mistake opens something or breaks something; advice makes a set-up better that isn't wrong. */
export type Severity = 'mistake' | 'advice'

export interface Place {
  /** As given on the command line, or as an include names it. */
  readonly file: string
  /** From 1. */
  readonly line: number
}

export interface Finding extends Place {
  readonly severity: Severity
  readonly code: FindingCode
  /** What is wrong, one sentence. */
  readonly what: string
  readonly why: string
  /** What to write instead. */
  readonly fix: string
}

const WHY = {
  'no-gate': 'Whatever this file serves is open to everybody.',
  'gate-after-application': 'The request has reached the application before anybody was asked.',
  'fails-open': 'When Latchkey is down, slow or says no, the application answers all the same.',
  'identity-not-stripped':
    'Whoever sends such a header is whom the application takes them for, on open paths at least.',
  'identity-removed': 'What Latchkey said is taken away again, so the application never learns who it is.',
  'identity-missing': 'The application never learns who it is.',
  'underscore-headers':
    'Many applications can’t tell Remote_User from Remote-User, and this one comes from the client.',
  'client-forwarded-headers': 'A client says itself where it goes or who it is, and that is what gets judged.',
  'client-address-missing':
    'Everybody has the proxy’s own address: rules about networks fit everybody, and a ban hits everybody.',
  'original-url-missing': 'Latchkey doesn’t know, or learns from the client, which address is asked for.',
  'original-method-missing':
    'Latchkey doesn’t know, or learns from the client, which method is asked for: rules about methods don’t hold.',
  'wrong-host': 'A request can go to one host and be judged as going to another.',
  'wrong-scheme':
    'Latchkey judges another address than the visitor’s: addresses without https are refused, and the way back is wrong.',
  'query-absent': 'Rules about the query don’t hold, and after signing in people land without it.',
  'query-passed-on':
    'The visitor’s own query becomes part of the question, and parameters of the gate are the visitor’s to choose.',
  'portal-behind-gate': 'Nobody can sign in: the sign-in page itself asks for signing in, without end.',
  'gate-exposed':
    'The gate’s endpoints are for proxies: through a public host anybody can ask them about any address, with headers of their own.',
  'session-cookie-passed-on':
    'An application that is broken into, or curious, can take over the sessions of its visitors.',
  'no-sign-in': 'Who has to sign in sees a bare 401 and no way to the portal.',
  'sign-in-redirect':
    'Scripts get a redirect they can’t follow, and the challenge of a wrong Basic password leads nowhere.',
  'buffers-small': 'Identity headers of somebody with many groups don’t fit: that person gets a 500 or 502 everywhere.',
  'gate-over-network':
    'Session cookies and passwords go over the network in the clear, and whoever answers in Latchkey’s place lets anybody in.',
  'gate-unverified': 'Whoever answers in Latchkey’s place lets anybody in.',
  'gate-cached': 'An answer for one person is served to another.',
  'websocket-to-gate':
    'The question itself looks like a WebSocket and is refused or never answered: WebSockets don’t work.',
  'websocket-missing': 'WebSockets of the application don’t work.',
  'body-to-gate': 'Uploads go to Latchkey as well, or it waits for a body that never comes.',
  'gate-request-headers':
    'Latchkey decides on what it gets: without these nobody is ever signed in or sent to the portal.',
  'path-differs': 'The application may read a path otherwise than it was judged.',
  'unknown-variable': 'A variable that nothing sets is empty: the condition never holds as it was meant.',
  'short-timeout': 'People whose password takes that long to check are refused.',
  'host-missing': 'What the configuration means to protect is served by something else, or not at all.',
  unread: 'What stands there was not looked at; what seems to be missing may stand there.',
} as const
export type FindingCode = keyof typeof WHY

export const FINDING_CODES = Object.keys(WHY) as readonly FindingCode[]

/** Collects the findings of one check, in the order of their places. */
export class Findings {
  readonly #found: Finding[] = []

  mistake(code: FindingCode, place: Place, what: string, fix: string): void {
    this.#add('mistake', code, place, what, fix)
  }

  advice(code: FindingCode, place: Place, what: string, fix: string): void {
    this.#add('advice', code, place, what, fix)
  }

  #add(severity: Severity, code: FindingCode, { file, line }: Place, what: string, fix: string): void {
    const same = (other: Finding): boolean =>
      other.code === code && other.file === file && other.line === line && other.what === what
    if (!this.#found.some(same)) this.#found.push({ severity, code, file, line, what, why: WHY[code], fix })
  }

  /** @param order files in the order they were given */
  sorted(order: readonly string[]): readonly Finding[] {
    const rank = (file: string): number => (order.includes(file) ? order.indexOf(file) : order.length)
    return this.#found.toSorted(
      (a, b) => rank(a.file) - rank(b.file) || a.file.localeCompare(b.file) || a.line - b.line,
    )
  }
}
