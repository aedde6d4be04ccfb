import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { ReadyAnswer } from '../../src/protocol/ready-answer.ts'

const HEADERS = ['Remote-User', 'john', 'Remote-Name', Buffer.from('Jöhn').toString('latin1'), 'Content-Length', '0']

/** Everything that comes back for `bytes` until the server closes, or `answers` answers are there. */
async function ask(
  t: TestContext,
  write: (response: ServerResponse) => void,
  bytes: string,
  answers = 1,
): Promise<string> {
  const server = createServer({ keepAliveTimeout: 120_000 }, (_, response) => write(response))
  server.on('checkContinue', (_, response) => write(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.closeAllConnections())
  t.after(() => server.close())
  const address = server.address()
  const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  socket.write(bytes)
  let text = ''
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString('latin1')
    if (text.split('\r\n\r\n').length > answers) break
  }
  return text.replace(/\r\nDate: [^\r]+/g, '\r\nDate: now')
}

test('byte for byte what writeHead would send, on every kind of connection, however often', async (t) => {
  const ready = new ReadyAnswer(HEADERS)
  const plainly = (response: ServerResponse): void => {
    response.writeHead(200, HEADERS)
    response.end()
  }
  const requests = {
    'HTTP/1.1': 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    HEAD: 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n',
    'HTTP/1.0': 'GET / HTTP/1.0\r\n\r\n',
    'HTTP/1.0 that stays': 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    'to be closed': 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    'with a body to be called for': 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
    'with a body': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc',
  }
  for (const [name, bytes] of Object.entries(requests)) {
    const expected = await ask(t, plainly, bytes)
    assert.match(expected, /^HTTP\/1\.1 200 OK\r\nRemote-User: john\r\n/)
    for (let i = 0; i < 2; i++) assert.equal(await ask(t, (response) => ready.send(response), bytes), expected, name)
  }
})

test('pipelined questions are answered in their order', async (t) => {
  const answers = ['first', 'second', 'third'].map((name) => new ReadyAnswer(['X-Name', name, 'Content-Length', '0']))
  let at = 0
  const text = await ask(
    t,
    (response) => {
      const answer = answers[at++]
      if (at === 1) setImmediate(() => answer?.send(response))
      else answer?.send(response)
    },
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3),
    3,
  )
  assert.deepEqual(
    [...text.matchAll(/X-Name: (\w+)/g)].map(([, name]) => name),
    ['first', 'second', 'third'],
  )
})

test('the date is the time of day, in the form of HTTP', async (t) => {
  const ready = new ReadyAnswer(HEADERS)
  let date = ''
  await ask(
    t,
    (response) => {
      ready.send(response)
      date = /\r\nDate: ([^\r]+)\r\n/.exec((response as unknown as { _header: string })._header)?.[1] ?? ''
    },
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  assert.match(date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
  assert.ok(Math.abs(Date.parse(date) - Date.now()) < 5000)
})

test('a header that can not stand in an answer is refused as writeHead refuses it', async (t) => {
  const bad = new ReadyAnswer(['X', 'a\r\nB: c'])
  let code = ''
  await ask(
    t,
    (response) => {
      try {
        bad.send(response)
      } catch (error) {
        code = (error as NodeJS.ErrnoException).code ?? ''
        response.end()
      }
    },
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  )
  assert.equal(code, 'ERR_INVALID_CHAR')
})
