import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { closeServer, makeServer, tellTrouble } from '../../src/server/make-server.ts'

async function serving(t: TestContext, server: Server): Promise<(text: string) => Promise<Socket>> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.closeAllConnections())
  const { port } = server.address() as AddressInfo
  return async (text) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(text)
    await once(socket, 'connect')
    return socket
  }
}
const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

test('closing waits for the answer that is being made, then closes its connection though it would be kept alive', async (t) => {
  let finish: (() => void) | undefined
  const server = createServer((_request, response) => {
    finish = () => response.end('done')
    server.emit('asked')
  })
  const say = await serving(t, server)
  const asked = once(server, 'asked')
  const socket = await say(REQUEST)
  await asked
  let closed = false
  const closing = closeServer(server, 60_000).then(() => {
    closed = true
  })
  await new Promise((resolve) => setTimeout(resolve, 150))
  assert.equal(closed, false)
  const ended = once(socket, 'end')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  finish?.()
  await closing
  await ended
  assert.match(text, /done$/)
})

test('what is not finished within the grace is cut off', async (t) => {
  const server = createServer(() => void server.emit('asked'))
  const say = await serving(t, server)
  const asked = once(server, 'asked')
  const socket = await say(REQUEST)
  await asked
  const cut = once(socket, 'close')
  await closeServer(server, 100)
  await cut
})

test('beyond the limit connections are closed unread, which is logged once; a failure to accept is survived', async (t) => {
  const settings = {
    server: { buffers: { read: 4096, write: 4096 }, timeouts: { read: 6000, write: 6000, idle: 30_000 } },
  }
  const server = makeServer(settings as Parameters<typeof makeServer>[0], undefined)
  assert.equal(server.maxConnections, 8192)
  server.maxConnections = 1
  const lines: string[] = []
  const logger = { warn: (_fields: object, message: string) => void lines.push(message) }
  tellTrouble(server, logger as Parameters<typeof tellTrouble>[1])
  server.on('request', (_request, response) => response.end('here'))
  const say = await serving(t, server)
  const first = await say(REQUEST)
  await once(first, 'data')
  for (let i = 0; i < 2; i++) {
    const second = await say(REQUEST)
    await once(second, 'close')
  }
  for (let i = 0; i < 2; i++) server.emit('error', new Error('accept EMFILE'))
  assert.deepEqual(lines, ['connections are turned away: there are too many', 'a connection could not be accepted'])
  first.destroy()
  await closeServer(server, 1000)
})
