// A story of reloading: a real server under load, files that change under it, and what it must say and answer at each step. The files are numbered,
// in a folder that has the story's name.
import assert from 'node:assert/strict'
import { chownSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { callServer } from '../../src/cli/server/admin-client.ts'
import type { ReloadOutcome } from '../../src/server/reload.ts'
import type { ServerStatus } from '../../src/server/status.ts'
import { type LogLine, launch, type Program, type ProgramOptions } from '../server/program.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { Load, summaryOf, type Visitor } from './load.ts'
import { hasWrk, Wrk } from './wrk.ts'

const GATE = '/api/authz/forward-auth'
const script = join(import.meta.dirname, 'program.ts')

/** What is asked all the time: somebody at a public host, two signed-in users and a stranger at an application, a stranger at the portal. */
export type Answers = Readonly<Record<'public' | 'alice' | 'bob' | 'stranger' | 'portal', string>>

/** While nothing has been changed yet. */
export const AT_FIRST: Answers = {
  public: '200',
  alice: '200 alice staff',
  bob: '200 bob staff',
  stranger: '302 auth.example.com',
  portal: '200 light',
}

export interface StoryOptions extends Pick<ProgramOptions, 'uid' | 'within' | 'env' | 'script'> {
  /** Instead of `--config conf.d`. */
  readonly args?: readonly string[]
  /** Done to the folder before the server starts. */
  readonly prepare?: (folder: string) => void
}

/** Texts by file name, of the story's folder; of `.` what every story begins with. */
export function chapters(name: string): Readonly<Record<string, string>> {
  const folder = join(import.meta.dirname, name)
  return Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.yml'))
      .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  )
}

/** In a folder of its own: conf.d/configuration.yml, conf.d/rules.yml, users.yml. */
export async function begin(t: TestContext, options: StoryOptions = {}): Promise<Story> {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'conf.d'))
  const files = { 'base.yml': 'conf.d/configuration.yml', 'rules.yml': 'conf.d/rules.yml', 'users.yml': 'users.yml' }
  for (const [from, to] of Object.entries(files)) copyFileSync(join(import.meta.dirname, from), join(folder, to))
  // What `launch` would write else.
  writeFileSync(join(folder, 'configuration.yml'), '')
  options.prepare?.(folder)
  if (options.uid !== undefined) {
    for (const name of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
      chownSync(join(folder, name), options.uid, options.uid)
    }
  }
  const { args = ['--config', 'conf.d'], prepare: _, ...rest } = options
  const program = launch(t, { folder, script, args, ...rest })
  await program.listening()
  const story = new Story(program)
  await story.open()
  t.after(() => story.abandon())
  return story
}

export class Story {
  readonly program: Program
  readonly folder: string
  #load: Load | undefined
  #wrk: Wrk | undefined
  #visitors: readonly Visitor[] = []
  #expected = new Map<number, Partial<Answers>>()
  /** Lines of the log that have been looked at. */
  #read = 0

  constructor(program: Program) {
    this.program = program
    this.folder = program.folder
  }

  /** Signs alice and bob in, and lets the visitors ask. */
  async open(): Promise<void> {
    const { program } = this
    const gate = (name: string, host: string, more: Record<string, string> = {}): Visitor => ({
      name,
      path: GATE,
      headers: {
        'X-Forwarded-Method': 'GET',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': host,
        'X-Forwarded-Uri': '/',
        'X-Forwarded-For': '203.0.113.7',
        Accept: 'text/html',
        ...more,
      },
    })
    const portal = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'auth.example.com' }
    const alice = gate('alice', 'app.example.com', { Cookie: await program.signIn('alice') })
    this.#visitors = [
      gate('public', 'public.example.com'),
      alice,
      gate('bob', 'app.example.com', { Cookie: await program.signIn('bob') }),
      gate('stranger', 'app.example.com'),
      { name: 'portal', path: '/', headers: { ...portal, 'X-Forwarded-For': '203.0.113.7' } },
    ]
    await this.answers(AT_FIRST)
    this.#load = new Load(program.port, program.tls, this.#visitors, 4)
    // It can't be asked to trust a certificate, and doesn't look at it.
    const url = `${program.tls ? 'https' : 'http'}://127.0.0.1:${program.port}${GATE}`
    if (hasWrk) this.#wrk = new Wrk(url, alice.headers, join(this.folder, 'load.lua'))
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Writes as a plain program does: truncates and writes. */
  write(name: string, text: string | undefined): void {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), text ?? '')
  }

  /** Asks each visitor's question once; that is how everybody must be answered from now on, until something changes. */
  async answers(expected: Partial<Answers>): Promise<void> {
    const snapshot = (await this.status()).snapshot.number
    this.#load?.reported(snapshot)
    for (const { name, path, headers } of this.#visitors) {
      const wanted: string | undefined = expected[name as keyof Answers]
      if (wanted === undefined) continue
      const { status, headers: got, body } = await this.program.ask({ path, headers })
      assert.equal(summaryOf(status, got, body), wanted, name)
      assert.equal(Number(got['x-latchkey-snapshot']), snapshot)
    }
    this.#expected.set(snapshot, { ...this.#expected.get(snapshot), ...expected })
  }

  /** As `latchkey status` asks. */
  async status(): Promise<ServerStatus> {
    return (await this.#call('status')) as ServerStatus
  }

  /** As `latchkey reload` asks. */
  async reload(): Promise<ReloadOutcome> {
    const outcome = (await this.#call('reload')) as ReloadOutcome
    this.#load?.reported(outcome.snapshot)
    return outcome
  }

  async #call(action: string): Promise<unknown> {
    const answer = await callServer(this.path('db.sqlite3'), action, undefined)
    assert.equal(answer.kind, 'answered')
    return answer.kind === 'answered' && answer.value
  }

  /** Waits for the log to say so, among what it has said since the last such wait. */
  async says(message: RegExp): Promise<LogLine> {
    const line = await this.program.logged(message, this.#read)
    this.#read +=
      this.program
        .log()
        .slice(this.#read)
        .findIndex(({ msg }) => message.test(msg)) + 1
    return line
  }

  /** The change has been taken over by itself. */
  async takesOver(expected: Partial<Answers>): Promise<void> {
    await this.says(/^reloaded$/)
    assert.equal((await this.status()).stale, false)
    await this.answers(expected)
  }

  /** All of it was one change; or, when the writer was too slow to tell, what has come of it in the end counts. */
  async takesOverOnce(expected: Partial<Answers>, wasQuick: boolean): Promise<void> {
    if (!wasQuick) {
      await this.reload()
      return this.answers(expected)
    }
    await this.takesOver(expected)
    assert.equal((await this.status()).snapshot.number, 2)
  }

  /** The change has been refused with an error at this place; everybody is answered as before. */
  async refuses(
    message: RegExp,
    place: { readonly file: string; readonly line?: number } | undefined,
    expected: Partial<Answers>,
  ): Promise<void> {
    const from = this.#read
    await this.says(/^the change is refused; what served before keeps serving$/)
    const why = this.program
      .log()
      .slice(from)
      .find(({ level, msg }) => level === 'error' && message.test(msg))
    assert.ok(why, `no line says ${message}:\n${JSON.stringify(this.program.log().slice(from), null, 2)}`)
    if (place) assert.equal(String(why['file']), place.file)
    if (place?.line !== undefined) {
      assert.equal(why['line'], place.line)
      assert.ok(Number(why['column']) >= 1)
    }
    const status = await this.status()
    assert.equal(status.stale, true)
    assert.equal(status.lastReload?.kind, 'refused')
    assert.ok(status.lastReload?.problems.some((problem) => message.test(problem.message)))
    await this.answers(expected)
  }

  /** Health says nothing about it. */
  async isHealthy(): Promise<void> {
    const { status, body } = await this.program.ask({ path: '/api/health' })
    assert.deepEqual([status, JSON.parse(body)], [200, { status: 'OK' }])
  }

  /** Judges all that the visitors were told. */
  async end(): Promise<void> {
    const told = await this.#load?.end()
    const counted = await this.#wrk?.end()
    this.#load = undefined
    this.#wrk = undefined
    assert.ok(told && told.size > 0)
    for (const [snapshot, expected] of this.#expected) {
      const answers: Readonly<Record<string, string>> = told.get(snapshot) ?? {}
      for (const [name, answer] of Object.entries(answers)) {
        const wanted: string | undefined = expected[name as keyof Answers]
        if (wanted !== undefined) assert.equal(answer, wanted, `${name}, snapshot ${snapshot}`)
      }
    }
    if (counted !== undefined) this.#judgeWrk(counted.answers, counted.lost)
    assert.ok(!this.program.log().some(({ msg }) => /failed to answer|bug in Latchkey/.test(msg)))
    assert.equal(await this.program.stop(), 0)
  }

  /** It asks what alice asks. */
  #judgeWrk(answers: ReadonlyMap<string, number>, lost: number): void {
    assert.equal(lost, 0, 'wrk lost answers')
    assert.ok(answers.size > 0)
    const bySnapshot = Map.groupBy(answers.keys(), (key) => Number(key.split('|')[0]))
    for (const [snapshot, keys] of bySnapshot) {
      assert.equal(keys.length, 1, `wrk got different answers of snapshot ${snapshot}: ${keys.join(' ')}`)
      const wanted = this.#expected.get(snapshot)?.alice
      const [, status = '', groups = ''] = (keys[0] ?? '').split('|')
      if (wanted === undefined) continue
      const [wantedStatus, , wantedGroups = ''] = wanted.startsWith('200') ? wanted.split(' ') : [wanted.split(' ')[0]]
      assert.deepEqual([status, groups], [wantedStatus, wantedGroups], `wrk, snapshot ${snapshot}`)
    }
  }

  abandon(): void {
    this.#wrk?.kill()
    void this.#load?.end().catch(() => {})
  }
}
