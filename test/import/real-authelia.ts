// A real Authelia (AUTHELIA_BIN) in a folder of its own: its CLI, and its API as a browser would use it behind a proxy.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Authenticator } from '../login/authenticator.ts'
import { HASH, PASSWORD } from '../server/program.ts'

export const AUTHELIA = process.env['AUTHELIA_BIN']
export const HOST = 'auth.example.com'
export const KEY = 'a_very_important_secret_of_authelia'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const configuration = (port: number): string => `
server: {address: 'tcp://127.0.0.1:${port}/'}
log: {level: 'warn'}
session:
  secret: 'a-secret-of-sessions-for-tests-only'
  cookies: [{domain: 'example.com', authelia_url: 'https://${HOST}'}]
authentication_backend: {file: {path: 'users.yml'}}
storage: {encryption_key: '${KEY}', local: {path: 'db.sqlite3'}}
notifier: {filesystem: {filename: 'mail.txt'}}
identity_validation: {reset_password: {jwt_secret: 'a-secret-of-resets-for-tests-only'}}
access_control: {default_policy: 'two_factor'}
webauthn: {enable_passkey_login: true}
ntp: {disable_startup_check: true}
`
const users = `
users:
  alice: {displayname: 'Alice', email: 'alice@example.com', password: '${HASH}'}
  bob: {displayname: 'Bob', email: 'bob@example.com', password: '${HASH}'}
`

export interface RealAuthelia {
  readonly folder: string
  cli(...args: string[]): string
  /** Serves until `stop`, or the end of the test. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Gives the password and, with the code of the mail, sets a passkey up. */
  registerPasskey(username: string, description: string, passkey: Authenticator): Promise<void>
}

export async function realAuthelia(t: TestContext, folder: string): Promise<RealAuthelia> {
  const program = AUTHELIA
  assert.ok(program)
  const port = await freePort()
  writeFileSync(join(folder, 'configuration.yml'), configuration(port))
  writeFileSync(join(folder, 'users.yml'), users)
  const mailPath = join(folder, 'mail.txt')
  let stop = async (): Promise<void> => {}
  t.after(() => stop())

  const call = (jar: Map<string, string>) => (method: string, path: string, body?: object) =>
    new Promise<{ status: number; data: Record<string, unknown> }>((resolve, reject) => {
      const outgoing = request({
        port,
        host: '127.0.0.1',
        method,
        path,
        headers: {
          Host: HOST,
          'X-Forwarded-Proto': 'https',
          'X-Forwarded-Host': HOST,
          'X-Forwarded-For': '203.0.113.7',
          'Content-Type': 'application/json',
          Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        },
      })
      outgoing.on('error', reject)
      outgoing.on('response', async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        for (const line of response.headers['set-cookie'] ?? []) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
          jar.set(name, value)
        }
        const { data = {} } = text.startsWith('{') ? (JSON.parse(text) as { data?: Record<string, unknown> }) : {}
        resolve({ status: response.statusCode ?? 0, data })
      })
      outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    })

  return {
    folder,
    cli(...args) {
      const ran = spawnSync(program, [...args, '--config', 'configuration.yml'], { cwd: folder, encoding: 'utf8' })
      assert.equal(ran.status, 0, ran.stdout + ran.stderr)
      return ran.stdout
    },

    async start() {
      const child = spawn(program, ['--config', 'configuration.yml'], { cwd: folder, stdio: 'ignore' })
      const ended = once(child, 'exit')
      stop = async () => {
        child.kill('SIGTERM')
        await ended
      }
      for (let tries = 0; tries < 200; tries++) {
        const answer = await call(new Map())('GET', '/api/health').catch(() => undefined)
        if (answer?.status === 200) return
        await sleep(50)
      }
      throw new Error('Authelia did not start')
    },

    stop: () => stop(),

    async registerPasskey(username, description, passkey) {
      const ask = call(new Map())
      const ok = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
        const { status, data } = await ask(method, path, body)
        assert.ok(status === 200 || status === 201, `${method} ${path} → ${status}`)
        return data
      }
      await ok('POST', '/api/firstfactor', { username, password: PASSWORD, keepMeLoggedIn: false })
      await ok('POST', '/api/user/session/elevation', {})
      await ok('PUT', '/api/user/session/elevation', { otc: codeIn(mailPath) })
      const register = '/api/secondfactor/webauthn/credential/register'
      const { publicKey } = await ok('PUT', register, { description })
      await ok('POST', register, passkey.create(publicKey))
    },
  }
}

function codeIn(mailPath: string): string {
  const mail = existsSync(mailPath) ? readFileSync(mailPath, 'utf8') : ''
  const code = /^\s*([A-Z0-9]{8})\s*$/m.exec(mail)?.[1]
  assert.ok(code, mail)
  return code
}
