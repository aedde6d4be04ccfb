import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SmtpConfig } from '../../src/config/config.ts'
import { DeliveryFailure, type Message } from '../../src/notify/message.ts'
import { createSmtpTransport } from '../../src/notify/smtp.ts'
import {
  AUTHORITY,
  freePort,
  type MailServerOptions,
  smtpConfig,
  startMailServer,
  startScripted,
  WRONG_TLS,
} from './mail-server.ts'

const MESSAGE: Message = {
  to: { address: 'alice@example.com', name: 'Alice' },
  title: 'Confirm your identity',
  text: 'Your code:\n\nABCD2345\n',
  html: '<p>Your code: <b>ABCD2345</b></p>',
}
const never = new AbortController().signal
const ACCOUNT = { username: 'latchkey', password: 'canary-smtp-password' }

const deliver = (config: SmtpConfig, message = MESSAGE, trusted = [AUTHORITY]): Promise<void> =>
  createSmtpTransport(config, trusted).deliver(message, never)

/** How it ends, and for which reason. */
async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    assert.ok(error instanceof DeliveryFailure, String(error))
    assert.ok(!error.message.includes(ACCOUNT.password))
    return `${error.kind}: ${error.message}`
  }
  return 'delivered'
}
/** A server that wants to know who it is. */
const withAccount: MailServerOptions = {
  authOptional: false,
  onAuth({ username, password }, _session, done) {
    if (username === ACCOUNT.username && password === ACCOUNT.password) done(null, { user: username })
    else done(new Error('Invalid username or password'))
  },
}

test('a message travels over STARTTLS: one recipient, subject, both parts, and nothing else in the head', async (t) => {
  const server = await startMailServer(t)
  await deliver(smtpConfig(server.port))
  const [mail] = await server.count(1)
  assert.ok(mail)
  assert.deepEqual([mail.from, mail.to, mail.secure], ['latchkey@example.com', ['alice@example.com'], true])
  assert.equal(mail.clientName, 'auth.example.com')
  assert.equal(mail.parsed.subject, '[Test] Confirm your identity')
  assert.equal(mail.parsed.from?.text, '"Latchkey" <latchkey@example.com>')
  assert.equal(mail.parsed.text?.trim(), MESSAGE.text.trim())
  assert.equal(String(mail.parsed.html).trim(), MESSAGE.html)
  assert.match(mail.parsed.messageId ?? '', /@example\.com>$/)
  assert.deepEqual([...mail.parsed.headers.keys()].sort(), [
    'auto-submitted',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
    'x-auto-response-suppress',
  ])
})

test('submissions speaks TLS from the first byte', async (t) => {
  const server = await startMailServer(t, { secure: true })
  await deliver(smtpConfig(server.port, { encryption: 'implicit' }))
  assert.equal((await server.count(1))[0]?.secure, true)
})

test('disable_html_emails sends the text alone', async (t) => {
  const server = await startMailServer(t)
  await deliver(smtpConfig(server.port, { html: false }))
  const [mail] = await server.count(1)
  assert.equal(mail?.parsed.html, false)
  assert.match(mail?.raw ?? '', /^Content-Type: text\/plain/im)
})

test('CRY-08 without STARTTLS nothing is said to the server, unless the operator gave that up', async (t) => {
  const server = await startMailServer(t, { hideSTARTTLS: true, disabledCommands: ['STARTTLS'], ...withAccount })
  assert.match(
    await failure(deliver(smtpConfig(server.port, { credentials: ACCOUNT }))),
    /^unreachable: it offers no encryption/,
  )
  assert.equal(server.received.length, 0)
  const plain = await startMailServer(t, { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] })
  await deliver(smtpConfig(plain.port, { encryption: 'offered' }))
  assert.equal((await plain.count(1))[0]?.secure, false)
  const offering = await startMailServer(t)
  await deliver(smtpConfig(offering.port, { encryption: 'offered' }))
  assert.equal((await offering.count(1))[0]?.secure, true, 'it is used where it is offered')
  await deliver(smtpConfig(offering.port, { encryption: 'none' }))
  assert.equal((await offering.count(2))[1]?.secure, false)
})

test('CRY-08 a server that answers STARTTLS in the clear hears no password', async (t) => {
  const stripped = await startScripted(t, '220 mail', (line) => {
    if (line.startsWith('EHLO')) return '250-mail\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN'
    if (line === 'STARTTLS') return '220 go ahead\r\n250 AUTH PLAIN'
    return '250 fine'
  })
  assert.match(await failure(deliver(smtpConfig(stripped.port, { credentials: ACCOUNT }))), /^unreachable: /)
  assert.ok(stripped.heard.every((line) => !/^AUTH|^MAIL/.test(line)))
})

test('CRY-08 the certificate must be by an authority one trusts, and for the name that was asked for', async (t) => {
  const server = await startMailServer(t)
  assert.match(await failure(deliver(smtpConfig(server.port), MESSAGE, [])), /^unreachable: .*(?:certificate|issuer)/i)
  const wrong = await startMailServer(t, WRONG_TLS)
  assert.match(await failure(deliver(smtpConfig(wrong.port))), /^unreachable: .*(?:altnames|hostname|Host:)/i)
  const { tls } = smtpConfig(0)
  await deliver(smtpConfig(wrong.port, { tls: { ...tls, serverName: 'mail.example.org' } }))
  await deliver(smtpConfig(wrong.port, { tls: { ...tls, skipVerify: true } }), MESSAGE, [])
  assert.equal((await wrong.count(2)).length, 2)
  assert.equal(server.received.length, 0)
})

test('CRY-08 versions of TLS outside of the configured ones are not spoken', async (t) => {
  const server = await startMailServer(t, { maxVersion: 'TLSv1.2' })
  const { tls } = smtpConfig(0)
  assert.match(
    await failure(deliver(smtpConfig(server.port, { tls: { ...tls, minVersion: 'TLSv1.3' } }))),
    /^unreachable: /,
  )
  await deliver(smtpConfig(server.port))
  assert.equal((await server.count(1)).length, 1)
})

test('username and password are told to a server over TLS; a wrong one is the operator’s matter and waits', async (t) => {
  const server = await startMailServer(t, withAccount)
  await deliver(smtpConfig(server.port, { credentials: ACCOUNT }))
  assert.equal((await server.count(1))[0]?.user, 'latchkey')
  const wrong = smtpConfig(server.port, { credentials: { ...ACCOUNT, password: 'another' } })
  assert.match(await failure(deliver(wrong)), /^unreachable: it doesn't take username and password/)
  assert.match(await failure(deliver(smtpConfig(server.port))), /^unreachable: /, 'none where some are wanted')
})

test('what a server answers decides whether a message waits or is given up', async (t) => {
  const saying = (code: number) => ({
    onRcptTo: (_a: unknown, _s: unknown, done: (e?: Error) => void) =>
      done(Object.assign(new Error('no such user here'), { responseCode: code })),
  })
  const gone = await startMailServer(t, saying(550))
  assert.match(await failure(deliver(smtpConfig(gone.port))), /^refused: 550 no such user here/)
  const busy = await startMailServer(t, saying(451))
  assert.match(await failure(deliver(smtpConfig(busy.port))), /^later: 451/)
  const full = await startMailServer(t, {
    onData(stream, _session, done) {
      stream.resume().on('end', () => done(Object.assign(new Error('looks like spam'), { responseCode: 554 })))
    },
  })
  assert.match(await failure(deliver(smtpConfig(full.port))), /^refused: 554 looks like spam/)
  const closed = await startScripted(t, '554 no service', () => undefined)
  assert.match(await failure(deliver(smtpConfig(closed.port))), /^unreachable: /)
  assert.match(await failure(deliver(smtpConfig(await freePort()))), /^unreachable: .*ECONNREFUSED/)
})

test('DEP a server that is silent, or drips, is left after a while', async (t) => {
  const silent = await startScripted(t, undefined, () => undefined)
  assert.match(await failure(deliver(smtpConfig(silent.port, { timeout: 100 }))), /^unreachable: /)
  const dripping = await startScripted(t, '220-a', () => undefined)
  assert.match(await failure(deliver(smtpConfig(dripping.port, { timeout: 100 }))), /^unreachable: /)
})

test('a delivery that is called off ends at once', async (t) => {
  const silent = await startScripted(t, undefined, () => undefined)
  const off = new AbortController()
  const ended = failure(createSmtpTransport(smtpConfig(silent.port), []).deliver(MESSAGE, off.signal))
  off.abort()
  assert.match(await ended, /^unreachable: /)
})

test('the check signs in and sends nothing', async (t) => {
  const server = await startMailServer(t, withAccount)
  await createSmtpTransport(smtpConfig(server.port, { credentials: ACCOUNT }), [AUTHORITY]).check(never)
  assert.equal(server.connections, 1)
  assert.equal(server.received.length, 0)
  const wrong = smtpConfig(server.port, { credentials: { ...ACCOUNT, password: 'another' } })
  assert.match(await failure(createSmtpTransport(wrong, [AUTHORITY]).check(never)), /username and password/)
  assert.match(await failure(createSmtpTransport(smtpConfig(await freePort()), []).check(never)), /ECONNREFUSED/)
})

test('INJ-05 a name or a title with line ends, commas or angle brackets adds neither header nor recipient', async (t) => {
  const server = await startMailServer(t)
  const names = [
    'Alice\r\nBcc: evil@example.org',
    'a@example.org, b@example.org',
    '"Evil" <evil@example.org>',
    'Group: evil@example.org;',
    'Zoë Müller 🔑',
    '=?utf-8?Q?=0D=0ABcc:_evil@example.org?=',
  ]
  for (const name of names) {
    await deliver(smtpConfig(server.port, { subject: 'A\r\nBcc: evil@example.org {title}' }), {
      ...MESSAGE,
      to: { address: 'alice@example.com', name },
      title: `${name}\r\nX-Evil: 1`,
    })
  }
  for (const [index, mail] of (await server.count(names.length)).entries()) {
    assert.deepEqual(mail.to, ['alice@example.com'], names[index])
    const { to } = mail.parsed
    const recipients = [to ?? []].flat().flatMap(({ value }) => value)
    assert.deepEqual(
      recipients.map(({ address }) => address),
      ['alice@example.com'],
      names[index],
    )
    assert.ok(!mail.parsed.headers.has('bcc') && !mail.parsed.headers.has('x-evil'), names[index])
    assert.match(mail.parsed.subject ?? '', /^A Bcc: evil@example.org/)
  }
  assert.equal(
    server.received[4]?.parsed.to && [server.received[4].parsed.to].flat()[0]?.value[0]?.name,
    'Zoë Müller 🔑',
  )
})

test('INJ-05 what we call ourselves is one word to the server', async (t) => {
  const server = await startScripted(t, '220 mail', (line) => (line.startsWith('EHLO') ? '250 mail' : '500 no'))
  await failure(deliver(smtpConfig(server.port, { identifier: 'a\r\nMAIL FROM:<x@y>', encryption: 'none' })))
  assert.equal(server.heard[0], 'EHLO aMAILFROM:<x@y>')
})
