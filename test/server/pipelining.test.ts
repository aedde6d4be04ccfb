// Requests sent before the earlier ones are answered: HTTP allows it, no proxy of today does it, and node starts all of them at once.
import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import { attachListener, serverOptions } from '../../src/server/listener.ts'

const SETTINGS = { buffers: { read: 4096, write: 4096 }, timeouts: { read: 6000, write: 6000, idle: 30_000 } }
const LOG = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false }

test('of what is pipelined to the portal a few wait, and the rest ends the connection', async (t) => {
  const waiting: ServerResponse[] = []
  const server = createServer(serverOptions(SETTINGS))
  attachListener(server, {
    current: () => ({ endpoints: { find: () => undefined } }),
    gate: () => assert.fail('nobody asks the gate'),
    portal: (_, response) => void waiting.push(response),
    log: { ...LOG, child: () => LOG } as never,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo

  const socket = connect(port, '127.0.0.1')
  const ended = (async () => {
    let text = ''
    for await (const chunk of socket) text += (chunk as Buffer).toString('latin1')
    return text
  })()
  // One packet, so that all of it is parsed before the last is looked at.
  socket.write('GET / HTTP/1.1\r\nHost: auth.example.com\r\n\r\n'.repeat(300))
  while (waiting.length < 8) await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(waiting.length, 8)
  for (const response of waiting) response.end('page')
  const text = await ended
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  assert.deepEqual(statuses, [...Array(8).fill('200'), '503'])
})

test('one after the other, a connection carries as many requests as it likes', async (t) => {
  const server = createServer(serverOptions(SETTINGS))
  attachListener(server, {
    current: () => ({ endpoints: { find: () => undefined } }),
    gate: () => assert.fail('nobody asks the gate'),
    portal: (_, response) => void response.writeHead(200, { 'Content-Length': '0' }).end(),
    log: { ...LOG, child: () => LOG } as never,
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  const next = socket[Symbol.asyncIterator]()
  for (let i = 0; i < 30; i++) {
    socket.write('GET / HTTP/1.1\r\nHost: auth.example.com\r\n\r\n')
    assert.match(String((await next.next()).value), /^HTTP\/1\.1 200/)
  }
})
