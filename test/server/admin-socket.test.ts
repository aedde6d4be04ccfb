// The admin socket: who may ask, what becomes of nonsense, and what a killed server leaves behind.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, lchownSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { connect, createServer as createNetServer } from 'node:net'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ACTIONS } from '../../src/admin/actions.ts'
import { Fault } from '../../src/base/fault.ts'
import { openLog } from '../../src/base/log.ts'
import { callServer } from '../../src/cli/server/admin-client.ts'
import { type AdminActions, openAdminSocket } from '../../src/server/admin-socket.ts'
import { latchkey } from '../commands/run.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { launch, start } from './program.ts'

const log = openLog({ level: 'silent', format: 'json' }).logger

const actions: AdminActions = {
  echo: async (params) => params,
  nothing: async () => undefined,
  fault: async () => {
    throw new Fault('file-exists', 'It is there.', { hint: 'Choose another.', exitCode: 1 })
  },
  bug: async () => {
    throw new Error('oops')
  },
}

async function open(t: TestContext): Promise<{ database: string; path: string }> {
  const folder = temporaryFolder(t)
  const path = join(folder, 'db.sock')
  const socket = await openAdminSocket({ path, actions, log })
  t.after(() => socket?.close())
  assert.ok(socket)
  return { database: join(folder, 'db.sqlite3'), path }
}

function raw(path: string, method: string, url: string, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: path, method, path: url, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

test('an action gets its parameters and its answer comes back; a Fault comes back as that Fault', async (t) => {
  const { database } = await open(t)
  assert.deepEqual(await callServer(database, 'echo', { a: [1, 'ü'] }), { kind: 'answered', value: { a: [1, 'ü'] } })
  assert.deepEqual(await callServer(database, 'nothing', undefined), { kind: 'answered', value: null })
  await assert.rejects(callServer(database, 'fault', {}), (error: unknown) => {
    assert.ok(error instanceof Fault)
    assert.deepEqual(
      [error.code, error.message, error.hint, error.exitCode],
      ['file-exists', 'It is there.', 'Choose another.', 1],
    )
    return true
  })
  await assert.rejects(callServer(database, 'bug', {}), /in the server: Error: oops/)
})

test('what is no action, no JSON, no POST or too long is refused, and the next question is answered', async (t) => {
  const { path } = await open(t)
  const status = async (...args: [string, string, string?]): Promise<number> => (await raw(path, ...args)).status
  assert.equal(await status('POST', '/nonsense'), 404)
  assert.equal(await status('POST', '/__proto__'), 404)
  assert.equal(await status('POST', '/toString'), 404)
  assert.equal(await status('POST', '/echo', '{"a":'), 400)
  assert.equal(await status('GET', '/echo'), 405)
  const tooMuch = await raw(path, 'POST', '/echo', JSON.stringify('x'.repeat(20 * 1024 * 1024)))
  assert.equal(tooMuch.status, 413)
  assert.match(tooMuch.text, /too long/, 'and the answer is heard')
  assert.equal(await status('POST', '/echo', '1'), 200)
})

test('what is nested without end, or named after what every object has, changes nothing', async (t) => {
  const program = await start(t)
  const path = join(program.folder, 'db.sock')
  for (const body of [
    '['.repeat(500_000) + ']'.repeat(500_000),
    `${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}`,
    '{"__proto__":{"all":true,"username":"alice"},"constructor":{"prototype":{"all":true}}}',
    '{"username":{"toString":1}}',
    '{"all":"true"}',
    '\0',
    '"\ud800"',
    '1e999',
  ])
    for (const action of ['sessions.revoke', 'bans.add', 'totp.save', 'identifiers.add', 'attempts.prune']) {
      const { status, text } = await raw(path, 'POST', `/${action}`, body)
      assert.ok(status === 422 || status === 400, `${action} ${body.slice(0, 30)} → ${status} ${text.slice(0, 200)}`)
      assert.ok(text.length < 2000)
    }
  assert.equal(({} as { all?: unknown }).all, undefined)
  for (const url of ['/sessions.list/../status', '//status', '/status?x', '/%73tatus', '/status\0', '/hasOwnProperty'])
    assert.ok([400, 404].includes((await raw(path, 'POST', encodeURI(url).replaceAll('%25', '%'))).status), url)
  assert.equal(await program.stop(), 0)
  assert.deepEqual(
    program.log().filter(({ level }) => level === 'error'),
    [],
  )
})

test('bytes that are no HTTP, questions that never end and those who hang up harm nobody', async (t) => {
  const program = await start(t)
  const path = join(program.folder, 'db.sock')
  const send = (bytes: string | Buffer, hangUp = false): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(path, () => {
        socket.write(bytes, () => hangUp && socket.destroy())
        if (!hangUp) setTimeout(() => socket.destroy(), 300)
      })
      socket.on('error', () => {}).on('close', () => resolve())
    })
  const question = 'POST /sessions.list HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{'
  await Promise.all([
    ...Array.from({ length: 80 }, (_, i) => send(question, i % 2 === 0)),
    send(randomBytes(100_000)),
    send('\0'.repeat(1000)),
    send('GET / HTTP/1.1\r\n' + 'A: b\r\n'.repeat(50_000)),
    send('POST /status HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n'),
    send('POST /reload HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n'),
    send('CONNECT /status HTTP/1.1\r\nHost: x\r\n\r\n'),
  ])
  assert.equal((await raw(path, 'POST', '/status')).status, 200)
  assert.equal((await program.gate('public.example.com')).status, 200)
  assert.equal(await program.stop(), 0)
  assert.deepEqual(
    program.log().filter(({ level }) => level === 'error' || level === 'fatal'),
    [],
  )
})

test('without file descriptors left the server lives, and answers again when there are some', async (t) => {
  const prlimit = spawnSync('prlimit', ['--version']).status === 0
  if (!prlimit) return t.skip('there is no program "prlimit"')
  const program = await start(t, { within: ['prlimit', '--nofile=96'] })
  const path = join(program.folder, 'db.sock')
  const sockets = Array.from({ length: 60 }, () => connect(path).on('error', () => {}))
  sockets.push(...Array.from({ length: 100 }, () => connect(program.port, '127.0.0.1').on('error', () => {})))
  sockets.push(...Array.from({ length: 20 }, () => connect(path).on('error', () => {})))
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.equal(program.child.exitCode, null, program.stdout + program.stderr)
  for (const socket of sockets) socket.destroy()
  for (const deadline = Date.now() + 10_000; ; ) {
    const status = await raw(path, 'POST', '/status').then(
      (answer) => answer.status,
      () => 0,
    )
    if (status === 200) break
    assert.ok(Date.now() < deadline, 'it never answered again')
  }
  assert.equal((await program.gate('public.example.com')).status, 200)
  assert.equal(await program.stop(), 0)
})

test('a socket that somebody else put beside the database is not told anything', {
  skip: process.getuid?.() !== 0 && 'needs root, to be somebody else',
}, async (t) => {
  const folder = temporaryFolder(t)
  const database = join(folder, 'db.sqlite3')
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(request.url ?? '')
    response.end('{"value":null}')
  }).listen(join(folder, 'db.sock'))
  await once(server, 'listening')
  t.after(() => server.close())
  const ask = () => callServer(database, 'totp.save', { devices: [{ secret: 'hidden' }] })
  const own = (path: string, uid: number): void => lchownSync(join(folder, path), uid, uid)

  // Ours, in a folder of ours
  assert.equal((await ask()).kind, 'answered')
  // Another's, in a folder of ours: the group may write there, or could once.
  own('db.sock', 65_534)
  await assert.rejects(ask(), { code: 'server-foreign' })
  // The server's user owns the database: that is his server.
  writeFileSync(database, '')
  own('db.sqlite3', 65_534)
  assert.equal((await ask()).kind, 'answered')
  // Where everybody may write, everybody could have put both there.
  chmodSync(folder, 0o1777)
  await assert.rejects(ask(), { code: 'server-foreign' })
  own('db.sqlite3', 0)
  await assert.rejects(ask(), { code: 'server-foreign' })
  // A link of theirs to a socket of ours
  own('db.sock', 0)
  renameSync(join(folder, 'db.sock'), join(folder, 'docker.sock'))
  symlinkSync('docker.sock', join(folder, 'db.sock'))
  own('db.sock', 65_534)
  await assert.rejects(ask(), { code: 'server-foreign' })
  assert.deepEqual(heard, ['/totp.save', '/totp.save'])
})

test('two servers on one database: the second one ends, and the first one’s socket is still its own', async (t) => {
  const program = await start(t)
  const second = launch(t, { folder: program.folder })
  assert.equal(await second.ended, 3)
  assert.equal((await callServer(join(program.folder, 'db.sqlite3'), 'status', undefined)).kind, 'answered')
})

test('its owner only, from the first moment on', async (t) => {
  const { path } = await open(t)
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('what somebody answers on, or is no socket, is left as it is', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'db.sock')
  const other = createNetServer((socket) => socket.destroy()).listen(path)
  await once(other, 'listening')
  assert.equal(await openAdminSocket({ path, actions, log }), undefined)
  await new Promise((resolve) => other.close(resolve))
  writeFileSync(path, 'not a socket')
  assert.equal(await openAdminSocket({ path, actions, log }), undefined)
  assert.equal(statSync(path).isFile(), true)
  assert.deepEqual(await callServer(join(folder, 'db.sqlite3'), 'echo', 1), { kind: 'no-server' })
})

test('a path that is too long for a socket: the server goes without, and says so', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, `${'x'.repeat(120)}.sock`)
  assert.equal(await openAdminSocket({ path, actions, log }), undefined)
  assert.deepEqual(await callServer(path.replace('.sock', '.sqlite3'), 'echo', 1), { kind: 'no-server' })
})

test('something else that answers there is told apart from a server of ours', async (t) => {
  const folder = temporaryFolder(t)
  const other = createServer((_request, response) => response.end('hello')).listen(join(folder, 'db.sock'))
  await once(other, 'listening')
  t.after(() => other.close())
  await assert.rejects(callServer(join(folder, 'db.sqlite3'), 'echo', 1), { code: 'server-answer' })
})

test('of the real program: there while it runs, also after a kill -9; gone when it has ended', async (t) => {
  const program = await start(t)
  const path = join(program.folder, 'db.sock')
  assert.equal(statSync(path).mode & 0o777, 0o600)
  program.child.kill('SIGKILL')
  await program.ended
  assert.ok(existsSync(path))
  const cli = (...args: string[]) => latchkey([...args, '--config', 'configuration.yml'], { cwd: program.folder })
  assert.equal(cli('status').code, 3)
  const again = launch(t, { folder: program.folder })
  await again.listening()
  assert.equal(cli('status').code, 0)
  assert.equal(await again.stop(), 0)
  assert.ok(!existsSync(path))
  const { code, stderr } = cli('status')
  assert.equal(code, 3)
  assert.match(stderr, /No server runs on the database .*db\.sqlite3/)
})

test('what administers the stores can be asked of a running server, and holds at once', async (t) => {
  const program = await start(t)
  const database = join(program.folder, 'db.sqlite3')
  const cookie = await program.signIn('alice')
  assert.equal((await program.gate('app.example.com', { Cookie: cookie })).status, 200)
  assert.equal(
    Object.keys(ACTIONS).every((name) => !['status', 'reload'].includes(name)),
    true,
  )
  const listed = await callServer(database, 'sessions.list', {})
  assert.match(JSON.stringify(listed), /"username":"alice"/)
  const ban = { kind: 'user', value: 'alice', expiresAt: null, reason: 'for a test' }
  await assert.rejects(callServer(database, 'bans.add', { nonsense: 1 }), { code: 'admin-parameters' })
  await callServer(database, 'bans.add', ban)
  assert.equal((await program.api('/api/firstfactor', { username: 'alice', password: 'password' })).status, 401)
})

test('another user may not ask', { skip: process.getuid?.() !== 0 && 'needs root, to be somebody else' }, async (t) => {
  const { path } = await open(t)
  chmodSync(dirname(path), 0o755)
  const script = `require('node:net').connect(${JSON.stringify(path)}).on('error', (e) => { console.log(e.code); process.exit(0) }).on('connect', () => { console.log('connected'); process.exit(0) })`
  const { stdout } = spawnSync(process.execPath, ['-e', script], { uid: 65_534, gid: 65_534, encoding: 'utf8' })
  assert.equal(stdout.trim(), 'EACCES')
  // Not even the folder may be looked into.
  chmodSync(dirname(path), 0o700)
  const ask = `import { callServer } from ${JSON.stringify(join(import.meta.dirname, '../../src/cli/server/admin-client.ts'))}
    await callServer(${JSON.stringify(path.replace('.sock', '.sqlite3'))}, 'echo', 1).catch((error) => console.log(error.code))`
  const refused = spawnSync(process.execPath, ['--input-type=module', '-e', ask], {
    uid: 65_534,
    gid: 65_534,
    encoding: 'utf8',
  })
  assert.equal(refused.stdout.trim(), 'server-forbidden', refused.stderr)
})
