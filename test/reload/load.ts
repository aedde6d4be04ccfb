// Visitors who ask without a pause while a story is told, and the judgement of all answers they got: none lost, each wholly of one snapshot, none of
// an old one after a new one was reported.
import assert from 'node:assert/strict'
import { Agent, type IncomingHttpHeaders, request as overHttp } from 'node:http'
import { request as overHttps, Agent as TlsAgent } from 'node:https'

export interface Visitor {
  /** What he asks, for the judgement: all his answers of one snapshot are the same. */
  readonly name: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

interface Answer {
  readonly visitor: string
  /** When it was asked and when it had been answered, by `performance.now()`. */
  readonly asked: number
  readonly answered: number
  readonly snapshot: number
  readonly summary: string
}

/** What of an answer depends on a snapshot. */
export function summaryOf(status: number, headers: IncomingHttpHeaders, body: string): string {
  const theme = /data-theme="(\w+)"/.exec(body)?.[1]
  const location = headers.location === undefined ? undefined : new URL(headers.location).hostname
  const parts = [status, headers['remote-user'], headers['remote-groups'], location, theme]
  return parts.filter((part) => part !== undefined && part !== '').join(' ')
}

export class Load {
  readonly #answers: Answer[] = []
  readonly #lost: unknown[] = []
  readonly #reports: { readonly at: number; readonly snapshot: number }[] = []
  readonly #loops: Promise<void>[]
  #stopped = false

  /** @param connections how many ask at the same time */
  constructor(port: number, tls: boolean, visitors: readonly Visitor[], connections: number) {
    this.#loops = Array.from({ length: connections }, async (_, i) => {
      const agent = tls
        ? new TlsAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
        : new Agent({ keepAlive: true, maxSockets: 1 })
      for (let turn = i; !this.#stopped; turn++) {
        const visitor = visitors[turn % visitors.length]
        if (visitor === undefined) return
        try {
          this.#answers.push(await ask(port, agent, visitor))
        } catch (error) {
          this.#lost.push(error)
        }
      }
      agent.destroy()
    })
  }

  /** From now on nobody may be answered by an earlier one. */
  reported(snapshot: number): void {
    this.#reports.push({ at: performance.now(), snapshot })
  }

  /** Ends it and judges. @returns for each snapshot what each visitor was told */
  async end(): Promise<Map<number, Record<string, string>>> {
    this.#stopped = true
    await Promise.all(this.#loops)
    assert.deepEqual(this.#lost, [], 'an answer was lost')
    const told = new Map<number, Record<string, string>>()
    for (const { visitor, snapshot, summary } of this.#answers) {
      assert.ok(snapshot > 0, `an answer without a snapshot: ${visitor} ${summary}`)
      const known = told.get(snapshot) ?? {}
      told.set(snapshot, known)
      known[visitor] ??= summary
      assert.equal(summary, known[visitor], `two different answers of snapshot ${snapshot} to ${visitor}`)
    }
    for (const report of this.#reports) {
      const old = this.#answers.find(({ asked, snapshot }) => asked >= report.at && snapshot < report.snapshot)
      assert.equal(old, undefined, `snapshot ${report.snapshot} was reported, and then an earlier one answered`)
    }
    return told
  }

  get count(): number {
    return this.#answers.length
  }
}

function ask(port: number, agent: Agent, { name, path, headers }: Visitor): Promise<Answer> {
  const asked = performance.now()
  return new Promise((resolve, reject) => {
    const send = agent instanceof TlsAgent ? overHttps : overHttp
    const request = send({ host: '127.0.0.1', port, agent, path, headers, timeout: 20_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode = 0, headers: got } = response
        const snapshot = Number(got['x-latchkey-snapshot'] ?? 0)
        const summary = summaryOf(statusCode, got, body)
        resolve({ visitor: name, asked, answered: performance.now(), snapshot, summary })
      })
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 20 seconds')))
    request.on('error', reject)
    request.end()
  })
}
