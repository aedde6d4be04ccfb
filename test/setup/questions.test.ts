import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answersFrom, type Flag, QUESTIONS } from '../../src/setup/questions.ts'

const GIVEN = {
  domain: 'example.com',
  portal: 'auth.example.com',
  app: 'wiki=http://127.0.0.1:3000, files.example.com=10.0.0.5:8080',
  proxy: 'nginx',
  user: 'alice',
  'display-name': 'Alice',
  email: 'alice@example.com',
  'second-factor': 'no',
} as const
const REST = {
  folder: '/somewhere',
  password: 'p',
  listen: '127.0.0.1:9091',
  trustedProxies: ['127.0.0.1'],
  port: 443,
}
const wrong = (flag: Flag, answer: string): string | undefined =>
  QUESTIONS.find((question) => question.flag === flag)?.wrong(answer, GIVEN)
const usual = (flag: Flag): string | undefined => QUESTIONS.find((question) => question.flag === flag)?.usual(GIVEN)

describe('answers', () => {
  test('that are right are found right', () => {
    for (const { flag, wrong: judge } of QUESTIONS) assert.equal(judge(GIVEN[flag], GIVEN), undefined, flag)
    assert.equal(wrong('portal', 'login'), undefined)
    assert.equal(wrong('portal', 'example.com'), undefined)
    assert.equal(wrong('proxy', 'none'), undefined)
    assert.equal(wrong('second-factor', 'Y'), undefined)
  })

  for (const [flag, answer, message] of [
    ['domain', 'com', /at least one dot/],
    ['domain', '*.example.com', /Write example\.com/],
    ['domain', '192.0.2.1', /a domain is needed/],
    ['domain', 'co.uk', /public suffix/],
    ['domain', 'https://example.com', /name only: write example\.com\./],
    ['domain', 'Example.com/', /write example\.com\./],
    ['domain', 'example.com:8443', /write example\.com\./],
    ['domain', 'my_domain.com', /no cookie domain/],
    ['portal', 'https://auth.example.com/', /name only: write auth\.example\.com\./],
    ['portal', 'auth.example.com:8443', /write auth\.example\.com\. .*--port/],
    ['portal', 'auth.example.org', /doesn't lie below example\.com/],
    ['portal', 'auth_1', /no host name/],
    ['portal', "x'; evil", /no host name/],
    ['app', '', /At least one/],
    ['app', 'wiki', /^"wiki" has no address behind it; write wiki=http/],
    ['app', 'http://127.0.0.1:3000', /no name before it; write wiki=http:\/\/127\.0\.0\.1:3000/],
    ['app', 'localhost:3000', /no name before it/],
    ['app', '=http://127.0.0.1', /"" is no host name/],
    ['app', 'my_app=http://127.0.0.1', /"my_app" is no host name/],
    ['app', 'https://wiki=http://127.0.0.1', /name only: write wiki\./],
    ['app', 'wiki=http://127.0.0.1:99999', /^wiki: "http:\/\/127\.0\.0\.1:99999" is no address\./],
    ['app', 'wiki=ftp://x', /http/],
    ['app', 'wiki=http://127.0.0.1:3000/path', /must end behind the port/],
    ['app', 'wiki=http://user:secret@127.0.0.1', /must not hold/],
    ['app', 'wiki.example.org=http://127.0.0.1', /doesn't lie below/],
    ['app', 'auth=http://127.0.0.1', /is the portal itself/],
    ['app', 'a=http://127.0.0.1,a.example.com=http://127.0.0.1', /a\.example\.com is named twice/],
    ['proxy', 'ngnix', /There is no set-up for "ngnix"\. Did you mean nginx\?/],
    ['proxy', 'iis', /There is one for nginx, traefik/],
    ['user', 'two words', /letters, digits/],
    ['user', "a'b", /letters, digits/],
    ['display-name', 'a\nb', /control character/],
    ['display-name', '', /empty/],
    ['email', 'nobody', /no e-mail address/],
    ['second-factor', 'perhaps', /yes or no/],
  ] as const) {
    test(`that are wrong are told: ${flag} ${JSON.stringify(answer)}`, () => {
      assert.match(wrong(flag, answer) ?? '', message)
    })
  }

  test('that are usual', () => {
    assert.equal(usual('domain'), undefined)
    assert.equal(usual('portal'), 'auth.example.com')
    assert.equal(usual('display-name'), 'Alice')
    assert.equal(usual('email'), 'alice@example.com')
    assert.equal(usual('second-factor'), 'no')
  })

  test('never speak in flags, but of what no question asks', () => {
    for (const answer of ['wiki', 'wiki=ftp://x', 'a b=http://x', 'wiki=http://u:p@x', 'http://x'])
      assert.doesNotMatch(wrong('app', answer) ?? '', /--|HOST=ADDRESS/, answer)
  })

  test('make what the files are made from; a name without a dot lies below the domain', () => {
    const answers = answersFrom({ ...GIVEN, portal: 'login', proxy: 'none', 'second-factor': 'yes' }, REST)
    assert.equal(answers.portalHost, 'login.example.com')
    assert.deepEqual(
      answers.applications.map(({ host, upstream }) => [host, upstream.host, upstream.port]),
      [
        ['wiki.example.com', '127.0.0.1', 3000],
        ['files.example.com', '10.0.0.5', 8080],
      ],
    )
    assert.equal(answers.proxy, undefined)
    assert.equal(answers.secondFactor, true)
  })

  test('to what is never asked are judged too', () => {
    const listening = (listen: string) => answersFrom(GIVEN, { ...REST, listen }).listen
    assert.deepEqual(listening('[::1]:80'), { host: '::1', port: 80 })
    assert.deepEqual(listening(':9091'), { host: '', port: 9091 })
    for (const listen of ['9091', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:70000', 'a b:1', "'x:1"])
      assert.throws(() => listening(listen), { code: 'init-answer', exitCode: 2 })
    assert.throws(() => answersFrom(GIVEN, { ...REST, trustedProxies: ['proxy'] }), { code: 'init-answer' })
  })
})
