import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { handOn, RequestClass } from '../../src/server/lazy-message.ts'

/** What `look` saw of the request that `bytes` are, and everything that was answered. */
async function ask<T>(t: TestContext, bytes: string, look: (request: IncomingMessage) => T) {
  assert.ok(RequestClass)
  let seen: T | undefined
  const server = createServer(
    { IncomingMessage: RequestClass, optimizeEmptyRequests: true, requireHostHeader: false },
    async (request, response) => {
      seen = look(request)
      let body = ''
      for await (const chunk of request) body += String(chunk)
      response.end(body)
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  const socket = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  socket.end(bytes)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return { seen, answer }
}
const question = (...lines: string[]): string =>
  ['POST / HTTP/1.1', 'Host: a', 'Cookie: x=1', ...lines, '', ''].join('\r\n')

test('headers are put together when the request is handed on, and are the usual ones then', async (t) => {
  const { seen } = await ask(t, question('Accept: a', 'Accept: b', 'Connection: close'), (request) => {
    const before = { ...request.headers }
    handOn(request)
    return [before, request.headers, request.headers.host, request.headersDistinct['accept']]
  })
  const all = { host: 'a', cookie: 'x=1', accept: 'a, b', connection: 'close' }
  assert.deepEqual(seen, [{}, all, 'a', ['a', 'b']])
})

test('what node:http looks at itself it finds, in any letter case', async (t) => {
  for (const line of ['Content-Length: 3', 'content-length: 3', 'CONTENT-LENGTH: 3']) {
    const { answer } = await ask(t, `${question(line, 'Connection: close')}abc`, () => undefined)
    assert.match(answer, /\r\n\r\n(?:3\r\n)?abc/, line)
  }
  const chunked = await ask(
    t,
    `${question('Transfer-Encoding: chunked', 'Connection: close')}3\r\nabc\r\n0\r\n\r\n`,
    () => undefined,
  )
  assert.match(chunked.answer, /\r\n\r\n(?:3\r\n)?abc/)
  const expecting = `${question('EXPECT: 100-continue', 'Content-Length: 3', 'Connection: close')}abc`
  const called = await ask(t, expecting, () => undefined)
  assert.match(called.answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/)
  const odd = await ask(t, question('Expect: the-unexpected', 'Connection: close'), () => undefined)
  assert.match(odd.answer, /^HTTP\/1\.1 417 /)
})
