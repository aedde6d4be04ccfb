// Requests that another site's page makes a browser send.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { cookiesOf, OWN, PASSWORD, startLab } from './lab.ts'

const lab = await startLab({ quick: true })
after(() => lab.close())

const login = JSON.stringify({ username: 'carol', password: PASSWORD })
const HERE = ['Origin', 'https://auth.example.com'] as const

test('CSR-01 a sign-in that a form or script of another site sends does nothing', async () => {
  const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/json']
  types.push(
    'application/json;x',
    'application/json, text/plain',
    'application/jsonx',
    ' ',
    'application/json;charset=utf-16',
  )
  for (const type of types) {
    const answer = await lab.browser().send('POST', '/api/firstfactor', login, [['Content-Type', type], HERE])
    assert.deepEqual([answer.status, cookiesOf(answer)], [415, []], type)
  }
  const none = await lab.browser().send('POST', '/api/firstfactor', login, [HERE])
  assert.deepEqual([none.status, cookiesOf(none)], [415, []], 'without a type')
  const upper = await lab
    .browser()
    .send('POST', '/api/firstfactor', login, [['Content-Type', 'APPLICATION/JSON'], HERE])
  assert.equal(upper.status, 200, 'the type in capitals is the same type')
  const json = ['Content-Type', 'application/json'] as const
  for (const proof of [
    ['Origin', 'https://evil.com'],
    ['Origin', 'null'],
    ['Origin', 'https://app.example.com'],
    ['Origin', 'https://auth.example.com.evil.com'],
    ['Origin', 'http://auth.example.com'],
    ['Origin', 'https://auth.example.com:8443'],
    ['Origin', ''],
    ['Sec-Fetch-Site', 'cross-site'],
    ['Sec-Fetch-Site', 'same-site'],
    ['Sec-Fetch-Site', 'none'],
    ['Sec-Fetch-Site', ''],
  ] as const) {
    for (const path of [
      '/api/firstfactor',
      '/api/logout',
      '/api/firstfactor/reauthenticate',
      '/api/secondfactor/totp',
    ]) {
      const answer = await lab.browser().send('POST', path, login, [json, proof])
      assert.deepEqual([answer.status, cookiesOf(answer)], [403, []], `${path} ${proof.join(': ')}`)
    }
    if (proof[0] === 'Origin') continue
    const both = await lab.browser().send('POST', '/api/firstfactor', login, [json, proof, HERE])
    assert.equal(both.status, 403, `${proof.join(': ')} and a good Origin`)
  }
})

test('CSR-01 CSR-02 the pages’ forms take nothing from another site either', async () => {
  const form = ['Content-Type', 'application/x-www-form-urlencoded'] as const
  const carol = await lab.signedIn('carol', 1)
  const own = `${carol.session}; ${OWN}=${carol.jar.get(OWN)}`
  const body = new URLSearchParams({ username: 'bob', password: PASSWORD }).toString()
  for (const proof of [
    [['Origin', 'https://app.example.com']],
    [['Origin', 'null']],
    [['Sec-Fetch-Site', 'same-site']],
    [],
  ] as const) {
    for (const path of ['/', '/logout', '/2fa', '/confirm', '/register/one-time-code/confirm']) {
      const answer = await lab.browser().send('POST', path, body, [form, ...proof], own)
      assert.deepEqual([answer.status, cookiesOf(answer)], [403, []], `${path} ${proof.join()}`)
    }
  }
  for (const path of ['/logout', '/api/logout']) await carol.get(path)
  assert.equal((await carol.state()).username, 'carol', 'and a GET signs nobody out')
})

test('CSR-05 no origin is ever allowed to read an answer, and no preflight granted', async () => {
  const carol = await lab.signedIn('carol', 1)
  const origins = ['https://evil.com', 'https://app.example.com', 'null', 'https://auth.example.com.evil.com', HERE[1]]
  for (const origin of origins) {
    for (const path of [
      '/api/state',
      '/api/user/info',
      '/api/firstfactor',
      '/api/secondfactor/totp',
      '/',
      '/api/health',
    ]) {
      const asked = [
        ['Origin', origin],
        ['Access-Control-Request-Method', 'POST'],
        ['Access-Control-Request-Headers', 'content-type'],
      ] as const
      for (const method of ['GET', 'OPTIONS']) {
        const { headers } = await carol.send(method, path, '', asked)
        const granted = Object.keys(headers).filter((name) => name.startsWith('access-control-'))
        assert.deepEqual(granted, [], `${method} ${path}`)
        if (method === 'GET') assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path)
      }
    }
  }
})
