// Many ask the portal at once: each has its turn, and what the gate is asked meanwhile is answered in between.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { inTurn } from '../../src/base/in-turn.ts'
import { endTogether } from '../../src/base/send-together.ts'
import { attachListener, serverOptions } from '../../src/server/listener.ts'

const SETTINGS = { buffers: { read: 4096, write: 4096 }, timeouts: { read: 6000, write: 6000, idle: 30_000 } }
const AGENT_FREE = { agent: false, host: '127.0.0.1' } as const

test('one a turn of the event loop, in the order of the calls', async () => {
  const done: number[] = []
  for (const number of [1, 2, 3]) inTurn(() => void done.push(number))
  assert.equal(done.length, 0)
  for (const expected of [[1], [1, 2], [1, 2, 3]]) {
    await turn()
    assert.deepEqual(done, expected)
  }
  inTurn(() => void done.push(4))
  await turn()
  assert.deepEqual(done, [1, 2, 3, 4])
})

test('answers that are ready leave before the next piece of work', async () => {
  const order: string[] = []
  inTurn(() => void order.push('first page'))
  inTurn(() => void order.push('second page'))
  await turn()
  endTogether({ end: () => void order.push('answer') } as unknown as ServerResponse)
  await turn()
  assert.deepEqual(order, ['first page', 'answer', 'second page'])
})

test('a question to the gate is answered although many pages wait', async (t) => {
  const order: string[] = []
  const { port, connections } = await start(t, {
    gate: (response) => {
      order.push('gate')
      response.writeHead(200, { 'Content-Length': '0' }).end()
    },
    portal: (response) => {
      order.push('page')
      const until = performance.now() + 10
      while (performance.now() < until);
      response.writeHead(200, { 'Content-Length': '0' }).end()
    },
  })
  const sockets = Array.from({ length: 31 }, () => connect(port, '127.0.0.1'))
  // libuv accepts one connection a turn.
  while (connections() < 31) await turn()
  // All arrive in one turn, the question last.
  for (const [i, socket] of sockets.entries()) {
    socket.write(`GET ${i < 30 ? '/' : '/gate'} HTTP/1.1\r\nHost: auth.example.com\r\nConnection: close\r\n\r\n`)
  }
  await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')))
  assert.equal(order.filter((what) => what === 'page').length, 30)
  const before = order.indexOf('gate')
  assert.ok(before < 10, `the gate answered after ${before} pages`)
})

test('whoever has gone meanwhile is not worked for', async (t) => {
  let pages = 0
  const { port, asked } = await start(t, {
    portal: (response) => {
      pages++
      response.end()
    },
  })
  let open = () => {}
  inTurn(() => {
    // Holds the queue until the client has gone
    for (let i = 0; i < 2000; i++) inTurn(() => {})
  })
  const request = ask({ ...AGENT_FREE, port, path: '/' })
  request.on('error', () => open())
  request.end()
  while (asked() < 1) await turn()
  const gone = new Promise<void>((resolve) => (open = resolve))
  request.destroy(new Error('gone'))
  await gone
  const drained = new Promise<void>((resolve) => inTurn(resolve))
  await drained
  assert.equal(pages, 0)
})

test('a portal that throws in its turn is answered by 500', async (t) => {
  const { port } = await start(t, {
    portal: () => {
      throw new Error('broken')
    },
  })
  assert.equal((await get(port, '/')).statusCode, 500)
})

interface Answers {
  gate?(response: ServerResponse): void
  portal(response: ServerResponse): void
}

async function start(t: TestContext, { gate, portal }: Answers) {
  const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, isLevelEnabled: () => false }
  const server = createServer(serverOptions(SETTINGS))
  let asked = 0
  let connections = 0
  attachListener(server, {
    current: () => ({ endpoints: { find: (url: string) => (url === '/gate' ? ({} as never) : undefined) } }),
    gate: (_, response) => gate?.(response),
    portal: (_, response) => portal(response),
    log: { ...log, child: () => log } as never,
  })
  server.on('request', () => asked++)
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, asked: () => asked, connections: () => connections }
}

function get(port: number, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = ask({ ...AGENT_FREE, port, path }, (response) => {
      response.resume().once('end', () => resolve(response))
    })
    request.once('error', reject)
    request.end()
  })
}
