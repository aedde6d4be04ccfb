// Latchkey as a process of its own, run from the sources in a folder of its own, and what a proxy and a browser would say to it.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request as overHttp } from 'node:http'
import { request as overHttps, type RequestOptions } from 'node:https'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const bin = join(import.meta.dirname, '..', '..', 'bin', 'dev.js')

export const PASSWORD = 'password'
/** Argon2id of PASSWORD, cheap. */
export const HASH = '$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$WoadVv0rPzgzmZGgRtuQ4s1WP6Ga6/2vnpH/btyikYo'
export const SECRETS = {
  session: 'a-session-secret-that-nobody-may-see',
  storage: 'a-storage-key-that-nobody-may-see',
  jwt: 'a-jwt-secret-that-nobody-may-see',
} as const

export interface WrittenUser {
  readonly displayname?: string
  readonly password?: string
  readonly groups?: readonly string[]
  readonly email?: string
  readonly disabled?: boolean
}
export const USERS: Readonly<Record<string, WrittenUser>> = {
  alice: { displayname: 'Alice', password: HASH, groups: ['admins'], email: 'alice@example.com' },
  bob: { displayname: 'Bob', password: HASH },
}
export const usersText = (users: Readonly<Record<string, WrittenUser>>): string =>
  `${JSON.stringify({ users }, null, 2)}\n`

// biome-ignore lint/suspicious/noExplicitAny: what a person may write
export type Tree = Record<string, any>

/** JSON is YAML. Only what a test changes is in `changes`; undefined takes a key out. */
export function configuration(folder: string, changes: Tree = {}): Tree {
  return merged(
    {
      server: { address: 'tcp://127.0.0.1:0/', trusted_proxies: ['127.0.0.0/8'] },
      log: { format: 'json' },
      authentication_backend: { file: { path: join(folder, 'users.yml') } },
      access_control: {
        default_policy: 'deny',
        rules: [
          { domain: 'public.example.com', policy: 'bypass' },
          { domain: 'admin.example.com', subject: 'group:admins', policy: 'one_factor' },
          { domain: 'two.example.com', policy: 'two_factor' },
          { domain: 'app.example.com', policy: 'one_factor' },
        ],
      },
      session: {
        secret: SECRETS.session,
        cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }],
      },
      storage: { encryption_key: SECRETS.storage, local: { path: join(folder, 'db.sqlite3') } },
      notifier: { filesystem: { filename: join(folder, 'notifications.txt') } },
      identity_validation: { reset_password: { jwt_secret: SECRETS.jwt } },
    },
    changes,
  )
}

function merged(base: Tree, changes: Tree): Tree {
  const result: Tree = { ...base }
  for (const [key, value] of Object.entries(changes)) {
    const old = result[key]
    const isTree = (some: unknown): some is Tree => typeof some === 'object' && some !== null && !Array.isArray(some)
    if (value === undefined) delete result[key]
    else result[key] = isTree(old) && isTree(value) ? merged(old, value) : value
  }
  return result
}

export interface ProgramOptions {
  readonly changes?: Tree
  readonly users?: Readonly<Record<string, WrittenUser>>
  /** Where to work; a new folder unless told. Files that exist there are left. */
  readonly folder?: string
  /** Instead of `serve --config configuration.yml`. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly stdio?: readonly (number | 'ignore' | 'pipe')[]
  /** What is run instead of bin/dev.js. */
  readonly script?: string
  /** As whom, when the tests run as root. */
  readonly uid?: number
  /** Words that come before the program, such as those of unshare(1). */
  readonly within?: readonly string[]
}

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
export interface Ask extends RequestOptions {
  readonly body?: string
}

/** Writes configuration and users file, unless they are there. */
export function furnish(folder: string, { changes, users = USERS }: ProgramOptions = {}): void {
  const write = (name: string, text: string): void => {
    if (!existsSync(join(folder, name))) writeFileSync(join(folder, name), text)
  }
  write('configuration.yml', `${JSON.stringify(configuration(folder, changes), null, 2)}\n`)
  write('users.yml', usersText(users))
}

/** Starts the program and waits for nothing. It is killed with the test. */
export function launch(t: TestContext, options: ProgramOptions = {}): Program {
  const folder = options.folder ?? temporaryFolder(t)
  furnish(folder, options)
  const words = [
    ...(options.within ?? []),
    process.execPath,
    options.script ?? bin,
    ...(options.args ?? ['serve', '--config', 'configuration.yml']),
  ]
  const child = spawn(words[0] ?? '', words.slice(1), {
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    cwd: folder,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...options.env },
    stdio: options.stdio ? [...options.stdio] : ['ignore', 'pipe', 'pipe'],
  })
  const program = new Program(child, folder)
  t.after(async () => {
    child.kill('SIGKILL')
    await program.ended
  })
  return program
}

/** Starts the program and waits until it listens. */
export async function start(t: TestContext, options: ProgramOptions = {}): Promise<Program> {
  const program = launch(t, options)
  await program.listening()
  return program
}

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [field: string]: unknown
}

export class Program {
  readonly child: ChildProcess
  readonly folder: string
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string>
  /** From the log. */
  address = ''
  tls = false
  stdout = ''
  stderr = ''
  #changed: (() => void)[] = []

  constructor(child: ChildProcess, folder: string) {
    this.child = child
    this.folder = folder
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#tell()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.ended = new Promise((resolve) =>
      child.once('close', (code, signal) => {
        resolve(code ?? signal ?? '')
        this.#tell()
      }),
    )
  }

  #tell(): void {
    for (const tell of this.#changed.splice(0)) tell()
  }

  /** Lines of a JSON log on standard output; others are left out. */
  log(): LogLine[] {
    return this.stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []))
  }

  /** The first line of the log that fits, among those after the first `from`. */
  async logged(message: RegExp, from = 0): Promise<LogLine> {
    const deadline = Date.now() + 20_000
    for (;;) {
      const line = this.log()
        .slice(from)
        .find(({ msg }) => message.test(msg))
      if (line) return line
      const hasEnded = this.child.exitCode !== null || this.child.signalCode !== null
      if (hasEnded || Date.now() > deadline) throw new Error(`never logged ${message}:\n${this.stdout}\n${this.stderr}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000)
        this.#changed.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  async listening(): Promise<this> {
    const line = await this.logged(/^Latchkey listens/)
    this.address = String(line['address'])
    this.tls = line['tls'] === true
    return this
  }

  get port(): number {
    return Number(this.address.slice(this.address.lastIndexOf(':') + 1))
  }

  /** Says to it what is given, over a connection of its own unless `agent` is set. */
  ask({ body, ...options }: Ask = {}): Promise<Reply> {
    const target = this.address.startsWith('/')
      ? { socketPath: this.address }
      : { host: this.address.startsWith('[') ? '::1' : '127.0.0.1', port: this.port }
    return new Promise((resolve, reject) => {
      const request = (this.tls ? overHttps : overHttp)(
        { ...target, agent: false, rejectUnauthorized: false, timeout: 30_000, ...options },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
          response.on('error', reject)
        },
      )
      request.on('error', reject)
      request.on('timeout', () => request.destroy(new Error('no answer')))
      request.end(body)
    })
  }

  /** The question of a proxy about https://<host><path>. */
  gate(host: string, headers: Record<string, string> = {}, path = '/'): Promise<Reply> {
    return this.ask({
      path: '/api/authz/forward-auth',
      headers: {
        'X-Forwarded-Method': 'GET',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': host,
        'X-Forwarded-Uri': path,
        'X-Forwarded-For': '203.0.113.7',
        ...headers,
      },
    })
  }

  /** A call of the portal's API as its own page makes it. */
  api(path: string, body: object | undefined, cookie = '', extra: Ask = {}): Promise<Reply> {
    const text = body && JSON.stringify(body)
    return this.ask({
      path,
      method: body ? 'POST' : 'GET',
      ...(text === undefined ? {} : { body: text }),
      ...extra,
      headers: {
        Host: 'auth.example.com',
        Origin: 'https://auth.example.com',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'auth.example.com',
        'X-Forwarded-For': '203.0.113.7',
        ...(text === undefined
          ? {}
          : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
        ...(cookie === '' ? {} : { Cookie: cookie }),
      },
    })
  }

  async signIn(username: string, password = PASSWORD, extra: Ask = {}): Promise<string> {
    const reply = await this.api('/api/firstfactor', { username, password }, '', extra)
    if (reply.status !== 200) throw new Error(`${username} could not sign in: ${reply.status} ${reply.body}`)
    return cookiesOf(reply)
  }

  /** Ends it as a service manager does. @returns its exit code */
  async stop(): Promise<number | string> {
    this.child.kill('SIGTERM')
    return this.ended
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }
}

/** As a Cookie header. */
export const cookiesOf = ({ headers }: Reply): string =>
  (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
