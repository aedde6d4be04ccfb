import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, beforeEach, test } from 'node:test'
import { manualClock } from '../../../src/base/clock.ts'
import { makeSelfSigned } from '../../../src/certs/authority.ts'
import { createDuoApi, type DuoApiOptions } from '../../../src/login/duo/duo-api.ts'
import { DuoFailure } from '../../../src/login/duo/duo-failure.ts'
import { KEYS, openFakeDuo, phone } from './fake-duo.ts'

const clock = manualClock(1_800_000_000_000)
const duo = await openFakeDuo(clock.now)
after(() => duo.close())
const account = { ...KEYS, hostname: duo.hostname }
const apiWith = (options: DuoApiOptions = {}, changes: Partial<typeof account> = {}) =>
  createDuoApi({ ...account, ...changes }, clock, { trusted: duo.certificate, ...options })
const api = apiWith()
const forever = new AbortController().signal

beforeEach(() => {
  duo.instead.clear()
  duo.asked.length = 0
  duo.refused.length = 0
})

const fails = (work: Promise<unknown>, message: RegExp) =>
  assert.rejects(work, (error) => error instanceof DuoFailure && message.test(error.message))

test('a user is asked about by name, and the answer is one of four', async () => {
  duo.enrolled('álice ~!*', phone('DPFZRS9FB0D46QFTM890'), phone('DPFZRS9FB0D46QFTM891', 'sms'))
  assert.deepEqual(await api.preauth('álice ~!*'), {
    kind: 'auth',
    devices: [
      {
        device: 'DPFZRS9FB0D46QFTM890',
        displayName: 'iOS (DPFZRS9FB0D46QFTM890)',
        capabilities: ['auto', 'push', 'sms', 'mobile_otp'],
        isToken: false,
      },
      {
        device: 'DPFZRS9FB0D46QFTM891',
        displayName: 'iOS (DPFZRS9FB0D46QFTM891)',
        capabilities: ['sms'],
        isToken: false,
      },
    ],
  })
  duo.users.set('bypassed', { result: 'allow', status_msg: 'Account is active' })
  duo.users.set('denied', { result: 'deny', status_msg: 'Your account is disabled' })
  assert.deepEqual(await api.preauth('bypassed'), { kind: 'allow' })
  assert.deepEqual(await api.preauth('denied'), { kind: 'deny' })
  assert.deepEqual(await api.preauth('nobody'), {
    kind: 'enroll',
    url: `https://${duo.hostname}/portal?code=48bac5d9393fb2c2`,
  })
  assert.deepEqual(duo.refused, [], 'every signature was right')
})

test('a push is sent without waiting, and then asked about until it is decided', async () => {
  const request = {
    username: 'alice',
    displayName: 'Alice & Ån',
    device: 'D1',
    from: '203.0.113.7',
    target: 'https://a.example/x y',
  }
  const transaction = await api.push(request)
  assert.deepEqual(duo.asked, [
    {
      method: 'POST',
      path: '/auth/v2/auth',
      params: {
        async: '1',
        device: 'D1',
        display_username: 'Alice & Ån',
        factor: 'push',
        ipaddr: '203.0.113.7',
        pushinfo: 'target%20url=https%3A%2F%2Fa.example%2Fx%20y',
        username: 'alice',
      },
    },
  ])
  assert.equal(await api.status(transaction, forever), 'waiting')
  duo.decide('allow', 'allow')
  assert.deepEqual(await api.status(transaction, forever), { kind: 'allow', bypass: false })

  const plain = await api.push({ ...request, displayName: '', target: '' })
  assert.deepEqual(Object.keys(duo.asked.at(-1)?.params ?? {}).toSorted(), [
    'async',
    'device',
    'factor',
    'ipaddr',
    'username',
  ])
  const abort = new AbortController()
  await api.status(plain, forever)
  const held = api.status(plain, abort.signal)
  abort.abort()
  await fails(held, /took too long/)
  duo.decide('deny', 'fraud')
  assert.deepEqual(await api.status(plain, forever), { kind: 'deny', reason: 'fraud' })
  assert.deepEqual(duo.refused, [])
})

test('a passcode is right or wrong', async () => {
  duo.passcodes.set('alice', new Set(['123456']))
  assert.deepEqual(await api.passcode('alice', '123456', '203.0.113.7'), { kind: 'allow', bypass: false })
  assert.deepEqual(await api.passcode('alice', '123456', '203.0.113.7'), { kind: 'deny', reason: 'denied' })
})

test('keys that are not ours, or a clock that is wrong, are refused and told by number', async () => {
  await fails(apiWith({}, { secretKey: 'another' }).preauth('alice'), /^status 401, error 40103$/)
  await fails(apiWith({}, { integrationKey: 'another' }).preauth('alice'), /^status 401, error 40103$/)
  const late = createDuoApi(account, manualClock(clock.now() - 6 * 60_000), { trusted: duo.certificate })
  await fails(late.preauth('alice'), /^status 401, error 40103$/)
  assert.deepEqual(duo.refused, [
    'Invalid signature in request credentials',
    'Invalid integration key in request credentials',
    'Bad request timestamp',
  ])
})

const answered = (status: number, body: string, headers: Record<string, string> = {}) =>
  duo.instead.set('/auth/v2/preauth', (_request, response) => void response.writeHead(status, headers).end(body))

test('a redirect is never followed', async () => {
  let reached = 0
  duo.instead.set('/elsewhere', (_request, response) => {
    reached++
    response.end('{"stat":"OK","response":{"result":"allow"}}')
  })
  for (const status of [301, 302, 303, 307, 308]) {
    answered(status, '{"stat":"OK","response":{"result":"allow"}}', { Location: `https://${duo.hostname}/elsewhere` })
    await fails(api.preauth('alice'), new RegExp(`^status ${status}`))
  }
  assert.equal(reached, 0)
})

test('whatever is not an answer of Duo lets nobody in', async () => {
  for (const [status, body, why] of [
    [200, '', /isn't Duo's/],
    [200, '<html>Sign in to the hotel</html>', /isn't Duo's/],
    [200, '{"stat":"OK","response":{"result":"allow"', /isn't Duo's/],
    [200, 'null', /isn't Duo's/],
    [200, '[]', /isn't Duo's/],
    [200, '{"stat":"OK"}', /another form/],
    [200, '{"stat":"OK","response":[{"result":"allow"}]}', /another form/],
    [200, '{"stat":"OK","response":{"result":"ALLOW"}}', /unknown result/],
    [200, '{"stat":"OK","response":{"result":true}}', /unknown result/],
    [200, '{"stat":"OK","response":{"result":["allow"]}}', /unknown result/],
    [200, '{"stat":"ok","response":{"result":"allow"}}', /^status 200$/],
    [200, '{"stat":"FAIL","code":40002,"response":{"result":"allow"}}', /^status 200, error 40002$/],
    [201, '{"stat":"OK","response":{"result":"allow"}}', /^status 201$/],
    [429, '{"stat":"FAIL","code":42901,"message":"Too Many Requests"}', /^status 429, error 42901$/],
    [500, '{"stat":"OK","response":{"result":"allow"}}', /^status 500$/],
    [503, 'Service Unavailable', /status 503/],
  ] as const) {
    answered(status, body)
    await fails(api.preauth('alice'), why)
  }
})

test('a verdict that contradicts itself decides nothing, and a push needs a transaction', async () => {
  const verdict = (value: object) =>
    duo.instead.set(
      '/auth/v2/auth_status',
      (_request, response) => void response.end(JSON.stringify({ stat: 'OK', response: value })),
    )
  for (const status of ['deny', 'fraud', 'timeout', 'locked_out', 'push_failed']) {
    verdict({ result: 'allow', status })
    await fails(api.status('x', forever), /unknown result/)
  }
  verdict({ result: 'allow', status: 'bypass' })
  assert.deepEqual(await api.status('x', forever), { kind: 'allow', bypass: true })
  verdict({ result: 'allow' })
  assert.deepEqual(await api.status('x', forever), { kind: 'allow', bypass: true }, 'nobody said that it was approved')
  verdict({ result: 'deny', status: 'toString' })
  assert.deepEqual(await api.status('x', forever), { kind: 'deny', reason: 'denied' })
  for (const txid of [undefined, '', 5, 'a b', 'x'.repeat(300)]) {
    duo.instead.set(
      '/auth/v2/auth',
      (_request, response) => void response.end(JSON.stringify({ stat: 'OK', response: { txid, result: 'allow' } })),
    )
    await fails(
      api.push({ username: 'alice', displayName: '', device: 'D1', from: '203.0.113.7', target: '' }),
      /without a transaction/,
    )
  }
})

test('devices of a strange form are left out, and names are cleaned', async () => {
  duo.users.set('alice', {
    result: 'auth',
    devices: [
      null,
      'D0',
      { device: 5, capabilities: ['push'] },
      { device: '"><script>', capabilities: ['push'] },
      { device: 'D1', display_name: 'My\u0000phone\n', capabilities: 'push' },
      { device: 'D2', name: 'x'.repeat(500), capabilities: ['push', 7] },
      ...Array.from({ length: 100 }, (_, i) => ({ device: `E${i}` })),
    ],
  })
  const answer = await api.preauth('alice')
  assert.ok(answer.kind === 'auth')
  const [one, two] = answer.devices
  assert.deepEqual(one, { device: 'D1', displayName: 'My phone', capabilities: [], isToken: false })
  assert.deepEqual([two?.displayName.length, two?.capabilities], [200, ['push']])
  assert.ok(answer.devices.length < 40)
})

test('only a web page over TLS is taken for the place to enrol at', async () => {
  for (const url of ['javascript:alert(1)', 'http://duo.example/', 'https://me@duo.example/', 'portal', 5, undefined]) {
    duo.users.set('carol', { result: 'enroll', enroll_portal_url: url })
    assert.deepEqual(await api.preauth('carol'), { kind: 'enroll', url: undefined })
  }
})

test('an answer that does not end, or does not begin, is given up', async () => {
  const drip = (response: ServerResponse, bytes: number) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write('x'.repeat(bytes)), 5)
    response.on('close', () => clearInterval(timer))
  }
  duo.instead.set('/auth/v2/preauth', (_request, response) => drip(response, 16_384))
  await fails(api.preauth('alice'), /too long/)
  duo.instead.set('/auth/v2/preauth', (_request, response) => drip(response, 1))
  await fails(apiWith({ patience: 300 }).preauth('alice'), /took too long/)
  duo.instead.set('/auth/v2/preauth', () => undefined)
  await fails(apiWith({ patience: 100 }).preauth('alice'), /took too long/)
  duo.instead.set('/auth/v2/preauth', (request) => void request.socket.destroy())
  await fails(api.preauth('alice'), /no answer/)
})

test('a certificate that nobody vouches for, or for another name, is not Duo', async () => {
  await fails(createDuoApi(account, clock).preauth('alice'), /DEPTH_ZERO_SELF_SIGNED_CERT/)
  const { certificate, privateKey } = await makeSelfSigned({ dns: ['other.example'] }, { now: Date.now(), days: 2 })
  const other = createServer({ cert: certificate, key: privateKey }, (_request, response) => void response.end('{}'))
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  after(() => other.close())
  const hostname = `127.0.0.1:${(other.address() as AddressInfo).port}`
  await fails(apiWith({ trusted: certificate }, { hostname }).preauth('alice'), /ERR_TLS_CERT_ALTNAME_INVALID/)
  for (const bad of ['', 'a b', 'user@duo.example', 'duo.example/path', 'duo.example?x'])
    await fails(apiWith({}, { hostname: bad }).preauth('alice'), /no host|no answer/)
})
