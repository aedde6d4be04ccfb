// Requests made to be expensive. Everything is bounded: a handful of megabytes, a few hundred sockets, seconds.
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { exchange } from '../server/raw-http.ts'
import {
  assertAllowed,
  assertClosed,
  CLIENT,
  forwardAuth,
  PASSWORD,
  PROTOCOLS,
  PROXY,
  portalHeaders,
  startLab,
} from './lab.ts'

const lab = await startLab({ changes: { server: { timeouts: { read: '1s' } } } })
after(() => lab.close())
const ONE = 'https://one.example.com/'

const quickest = async (work: () => Promise<unknown>): Promise<number> => {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const began = performance.now()
    await work()
    best = Math.min(best, performance.now() - began)
  }
  return best
}

test('DOS-01 patterns that drive backtracking engines mad cost milliseconds', async () => {
  const paths = [
    '/' + 'a'.repeat(2000) + '!',
    '/'.repeat(2000) + '!',
    '/' + 'a'.repeat(8000),
    '/' + 'w '.repeat(0) + 'w%20'.repeat(600),
  ]
  for (const path of paths) {
    for (const ask of Object.values(PROTOCOLS)) {
      const took = await quickest(() => lab.ask(ask(`https://slow.example.com${path}`)))
      assert.ok(took < 250, `${ask.name} ${path.slice(0, 20)} took ${took} ms`)
    }
  }
  const label = 'a'.repeat(60)
  const took = await quickest(() => lab.ask(forwardAuth(`https://${label}.${label}.${label}.slow.example.com/`)))
  assert.ok(took < 250, `a host took ${took} ms`)
})

test('DOS-01 neither do paths that can be read in many ways', async () => {
  for (const piece of ['%25', '/..;', '%2f..', '/./', '%252e', ';a=b/', '//', '%5c', '&', '%c3%a9']) {
    const path = `/${piece.repeat(Math.floor(8000 / piece.length))}`
    for (const tail of ['', `?${piece.repeat(500)}`]) {
      const took = await quickest(() => lab.ask(forwardAuth(`https://app.example.com${path}${tail}`)))
      assert.ok(took < 400, `${piece} took ${took} ms`)
    }
  }
  const query = Array.from({ length: 2000 }, (_, i) => `mode=${i}`).join('&')
  const took = await quickest(() => lab.ask(forwardAuth(`https://q.example.com/?${query}`)))
  assert.ok(took < 400, `two thousand query pairs took ${took} ms`)
})

test('DOS-03 bodies beyond measure are refused, and cost nothing', async () => {
  const head = (extra: string) =>
    ['POST /api/firstfactor HTTP/1.1', ...portalHeaders('auth.example.com').map((pair) => pair.join(': ')), extra].join(
      '\r\n',
    )
  const json = 'Content-Type: application/json\r\n'
  const bodies = {
    'ten megabytes': `${head(`${json}Content-Length: 10485760`)}\r\n\r\n${'x'.repeat(200_000)}`,
    'a length that is none': `${head(`${json}Content-Length: 99999999999999999999`)}\r\n\r\n`,
    'chunks without end': `${head(`${json}Transfer-Encoding: chunked`)}\r\n\r\n${`4000\r\n${'x'.repeat(16384)}\r\n`.repeat(8)}`,
    'a chunk of many gigabytes': `${head(`${json}Transfer-Encoding: chunked`)}\r\n\r\nfffffffff\r\n${'x'.repeat(100_000)}`,
  }
  for (const [what, bytes] of Object.entries(bodies)) {
    const began = performance.now()
    const answer = await exchange(lab.port, bytes, PROXY)
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, what)
    assert.ok(performance.now() - began < 3000, what)
  }
  for (const [what, body] of Object.entries({
    'nested brackets': '['.repeat(60_000),
    'nested objects': '{"a":'.repeat(12_000),
    'many keys': `{${Array.from({ length: 6000 }, (_, i) => `"k${i}":1`).join(',')}}`,
    'a huge number': `{"username":${'9'.repeat(60_000)}}`,
  })) {
    const { status } = await lab.browser('auth.example.com', '198.18.6.1').post('/api/firstfactor', body)
    assert.equal(status, 401, what)
  }
  const zipped = await lab
    .browser('auth.example.com', '198.18.6.2')
    .send('POST', '/api/firstfactor', '\x1f\x8b\x08\x00', [
      ['Content-Type', 'application/json'],
      ['Content-Encoding', 'gzip'],
    ])
  assertClosed({ ...zipped, status: zipped.status === 415 ? 400 : zipped.status }, 'a compressed body')
})

test('HDR-10 DOS-03 headers beyond measure are refused', async () => {
  const target = forwardAuth('https://public.example.com/')
  const many = Array.from({ length: 1500 }, (_, i) => [`a${i}`, ''] as const)
  assert.equal((await lab.ask({ ...target, headers: [...many, ...(target.headers ?? [])] })).status, 431)
  assert.equal(
    (await lab.ask({ ...target, headers: [['X-Long', 'x'.repeat(70_000)], ...(target.headers ?? [])] })).status,
    431,
  )
  const cookies = Array.from({ length: 180 }, (_, i) => `c${i}=${'x'.repeat(40)}`).join('; ')
  assertAllowed(await lab.ask(forwardAuth('https://public.example.com/', { cookie: cookies })), '', 'COO-07 a full jar')
})

test('DOS-04 hundreds of connections that dawdle keep nobody else waiting, and are closed', async () => {
  const sockets: Socket[] = []
  const closed: Promise<void>[] = []
  const open = (bytes: string) => {
    const socket = connect({ port: lab.port, host: '127.0.0.1', localAddress: PROXY })
    socket.on('error', () => {})
    socket.on('data', () => {})
    closed.push(new Promise((resolve) => socket.on('close', () => resolve())))
    socket.write(bytes)
    sockets.push(socket)
  }
  for (let i = 0; i < 300; i++) {
    open(i % 2 === 0 ? 'GET /api/authz/forward-auth HTTP/1.1\r\nHost: a\r\nX-A: ' : 'G')
  }
  const took = await quickest(() => lab.ask(forwardAuth(ONE)))
  assert.ok(took < 500, `the gate took ${took} ms`)
  const browser = lab.browser()
  assert.equal((await browser.post('/api/firstfactor', { username: 'carol', password: PASSWORD })).status, 200)
  // headers have a second, and every five seconds somebody looks
  await Promise.race([Promise.all(closed), setTimeout(12_000)])
  const left = sockets.filter((socket) => !socket.destroyed && socket.readyState === 'open').length
  for (const socket of sockets) socket.destroy()
  assert.equal(left, 0)
})

test('DOS-02 forty sign-ins at once don’t hold up the gate', async () => {
  const browser = lab.browser()
  assert.equal((await browser.post('/api/firstfactor', { username: 'carol', password: PASSWORD })).status, 200)
  const logins = Array.from({ length: 40 }, (_, i) =>
    lab
      .browser('auth.example.com', `198.18.7.${i}`)
      .post('/api/firstfactor', { username: `nobody-${i}`, password: 'no' }),
  )
  const took = await quickest(() => browser.asks(ONE))
  assert.ok(took < 500, `the gate took ${took} ms`)
  for (const { status } of await Promise.all(logins)) assert.ok([401, 429, 503].includes(status), String(status))
})

test('RES-10 a visitor who goes away in the middle leaves nothing behind', async () => {
  for (let i = 0; i < 30; i++) {
    const socket = connect({ port: lab.port, host: '127.0.0.1', localAddress: PROXY })
    socket.on('error', () => {})
    const headers = portalHeaders('auth.example.com', CLIENT).map((pair) => pair.join(': '))
    const head = ['POST /api/firstfactor HTTP/1.1', ...headers, 'Content-Type: application/json', 'Content-Length: 500']
    socket.write(`${head.join('\r\n')}\r\n\r\n{"username":"carol",`)
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.resetAndDestroy()
  }
  assertAllowed(await lab.ask(forwardAuth('https://public.example.com/')), '', 'alive')
})
