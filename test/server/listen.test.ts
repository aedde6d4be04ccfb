import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { listen } from '../../src/server/listen.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-listen-'))
const open: Server[] = []
after(async () => {
  for (const server of open) await new Promise((done) => server.close(done))
  rmSync(folder, { recursive: true, force: true })
})
const server = (): Server => {
  const made = createServer()
  open.push(made)
  return made
}

test('a TCP address is bound and told with the port that was given', async () => {
  assert.match(await listen(server(), { kind: 'tcp', host: '127.0.0.1', port: 0, family: 0 }), /^127\.0\.0\.1:\d+$/)
})

test('tcp4 without a host is every IPv4 interface', async () => {
  assert.match(await listen(server(), { kind: 'tcp', host: '', port: 0, family: 4 }), /^0\.0\.0\.0:\d+$/)
})

test('a port in use is a fault that says so and what to do', async () => {
  const first = server()
  await listen(first, { kind: 'tcp', host: '127.0.0.1', port: 0, family: 0 })
  const { port } = first.address() as { port: number }
  await assert.rejects(listen(createServer(), { kind: 'tcp', host: '127.0.0.1', port, family: 0 }), {
    name: 'Fault',
    code: 'address-in-use',
    message: `127.0.0.1:${port} is in use by another program.`,
  })
})

test('a unix socket gets the mode its umask leaves, and the umask of the process is as before', async () => {
  const path = join(folder, 'a.sock')
  const before = process.umask()
  assert.equal(await listen(server(), { kind: 'unix', path, umask: 0o177 }), path)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(process.umask(), before)
})

test('a socket that a killed server left behind is replaced; one that answers is not; another kind of file never', async () => {
  const path = join(folder, 'b.sock')
  const { execFileSync } = await import('node:child_process')
  const leave = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  assert.throws(() => execFileSync(process.execPath, ['-e', leave]))
  assert.ok(existsSync(path))
  await listen(server(), { kind: 'unix', path, umask: undefined })
  await assert.rejects(listen(createServer(), { kind: 'unix', path, umask: undefined }), { code: 'address-in-use' })

  const file = join(folder, 'precious')
  writeFileSync(file, 'data')
  await assert.rejects(listen(createServer(), { kind: 'unix', path: file, umask: undefined }), { name: 'Fault' })
  assert.ok(existsSync(file))
})

test('a socket is only taken for left behind when it refuses: not when this user may not ask, nor when there is no room to ask', {
  skip: process.getuid?.() !== 0 && 'needs root, to be somebody else',
}, async (t) => {
  const module = join(import.meta.dirname, '../../src/server/listen.ts')
  chmodSync(folder, 0o777)
  t.after(() => chmodSync(folder, 0o700))
  const other = (path: string) =>
    spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { createServer } from 'node:net'
         import { listen } from ${JSON.stringify(module)}
         await listen(createServer(), { kind: 'unix', path: ${JSON.stringify(path)} }).then(
           () => { console.log('taken'); process.exit() },
           ({ code }) => console.log(code))`,
      ],
      { uid: 65_534, gid: 65_534, encoding: 'utf8' },
    ).stdout.trim()

  const live = join(folder, 'live.sock')
  await listen(server(), { kind: 'unix', path: live, umask: 0o177 })
  assert.equal(other(live), 'address-in-use', 'somebody else’s that lives')

  // Where each may remove only what is his: not a bug, but a fault.
  const left = join(folder, 'left.sock')
  const leave = `require('net').createServer().listen(${JSON.stringify(left)}, () => { require('fs').chmodSync(${JSON.stringify(left)}, 0o777); process.kill(process.pid, 'SIGKILL') })`
  spawnSync(process.execPath, ['-e', leave])
  assert.ok(existsSync(left))
  chmodSync(folder, 0o1777)
  assert.equal(other(left), 'address-forbidden')
  chmodSync(folder, 0o777)
  assert.equal(other(left), 'taken')
})

test('a link planted at the path of a socket is neither followed nor removed', async () => {
  const path = join(folder, 'link.sock')
  symlinkSync(join(folder, 'elsewhere.sock'), path)
  await assert.rejects(listen(createServer(), { kind: 'unix', path, umask: undefined }), { code: 'address-in-use' })
  assert.ok(!existsSync(join(folder, 'elsewhere.sock')))
})

test('an address that is not of this machine is a fault', async () => {
  await assert.rejects(listen(createServer(), { kind: 'tcp', host: '192.0.2.1', port: 0, family: 0 }), {
    name: 'Fault',
    code: 'address-unusable',
  })
})
