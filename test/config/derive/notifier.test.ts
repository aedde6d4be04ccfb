import assert from 'node:assert/strict'
import { isAbsolute } from 'node:path'
import { test } from 'node:test'
import type { NotifierConfig, SmtpConfig } from '../../../src/config/config.ts'
import { configWith } from '../loading.ts'

const SMTP = { address: 'submission://mail.example.com', sender: 'Latchkey <latchkey@example.com>' }
const notifierOf = (smtp: object, more: object = {}): NotifierConfig =>
  configWith({ notifier: { filesystem: undefined, smtp: { ...SMTP, ...smtp }, ...more } }).notifier
function smtpOf(smtp: object): SmtpConfig {
  const { transport } = notifierOf(smtp)
  assert.ok(transport.kind === 'smtp')
  return transport
}

test('the least there is: TLS is demanded, nobody signs in', () => {
  assert.deepEqual(notifierOf({}), {
    startupCheck: true,
    templatePath: undefined,
    newSignInNotice: true,
    transport: {
      kind: 'smtp',
      host: 'mail.example.com',
      port: 587,
      encryption: 'required',
      timeout: 5000,
      credentials: undefined,
      sender: { address: 'latchkey@example.com', name: 'Latchkey' },
      subject: '[Latchkey] {title}',
      identifier: 'localhost',
      html: true,
      tls: {
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
        skipVerify: false,
        serverName: undefined,
        privateKey: undefined,
        certificateChain: undefined,
      },
    },
  })
})

test('the scheme of the address says port and encryption; what it leaves out is usual', () => {
  const told = (address: string, more: object = {}) => {
    const { host, port, encryption } = smtpOf({ address, ...more })
    return [host, port, encryption]
  }
  assert.deepEqual(told('smtp://mail.example.com'), ['mail.example.com', 25, 'required'])
  assert.deepEqual(told('mail.example.com:2525'), ['mail.example.com', 2525, 'required'])
  assert.deepEqual(told('submissions://mail.example.com'), ['mail.example.com', 465, 'implicit'])
  assert.deepEqual(told('submissions://[::1]:1465'), ['::1', 1465, 'implicit'])
  assert.deepEqual(told('smtp://'), ['localhost', 25, 'required'])
  assert.deepEqual(told('smtp://m', { disable_require_tls: true }), ['m', 25, 'offered'])
  assert.deepEqual(told('smtp://m', { disable_starttls: true }), ['m', 25, 'none'])
  assert.deepEqual(told('submissions://m', { disable_starttls: true, disable_require_tls: true }), [
    'm',
    465,
    'implicit',
  ])
})

test('everything else as it is written', () => {
  const smtp = smtpOf({
    username: 'john',
    password: 'secret',
    timeout: '1m',
    subject: '{title}!',
    identifier: 'auth.example.com',
    disable_html_emails: true,
    sender: '"A, B" <a@example.com>',
    tls: { minimum_version: 'TLS1.0', maximum_version: '1.2', skip_verify: true, server_name: 'mail' },
  })
  assert.deepEqual(smtp.credentials, { username: 'john', password: 'secret' })
  assert.deepEqual(
    [smtp.timeout, smtp.subject, smtp.identifier, smtp.html],
    [60_000, '{title}!', 'auth.example.com', false],
  )
  assert.deepEqual(smtp.sender, { address: 'a@example.com', name: 'A, B' })
  const { minVersion, maxVersion, skipVerify, serverName } = smtp.tls
  assert.deepEqual([minVersion, maxVersion, skipVerify, serverName], ['TLSv1', 'TLSv1.2', true, 'mail'])
  assert.equal(notifierOf({}, { disable_startup_check: true }).startupCheck, false)
})

test('new sign-ins are told of by mail, and not into a file, unless somebody wrote otherwise', () => {
  assert.equal(notifierOf({}, { new_sign_in_notice: false }).newSignInNotice, false)
  const { transport, newSignInNotice } = configWith({}).notifier
  assert.equal(newSignInNotice, false)
  assert.ok(transport.kind === 'file' && isAbsolute(transport.path) && transport.path.endsWith('mail.txt'))
  assert.equal(configWith({ notifier: { new_sign_in_notice: true } }).notifier.newSignInNotice, true)
})
