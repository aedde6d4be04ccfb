import assert from 'node:assert/strict'
import { test } from 'node:test'
import { warningsWith } from '../loading.ts'

test('CRY-08 mail in the clear, or to whoever poses as the mail server, is warned of; on this machine it is fine', () => {
  const warned = (smtp: object) =>
    warningsWith({ notifier: { filesystem: undefined, smtp: { sender: 'a@example.com', ...smtp } } })
  const far = 'submission://mail.example.com'
  assert.deepEqual(warned({ address: far }), [])
  assert.deepEqual(warned({ address: far, disable_starttls: true }), ['unsafe notifier.smtp.disable_starttls'])
  assert.deepEqual(warned({ address: far, disable_require_tls: true }), ['unsafe notifier.smtp.disable_require_tls'])
  assert.deepEqual(warned({ address: far, tls: { skip_verify: true } }), ['unsafe notifier.smtp.tls.skip_verify'])
  assert.deepEqual(warned({ address: 'submissions://mail.example.com', disable_require_tls: true }), [])
  assert.deepEqual(warned({ address: 'smtp://localhost', disable_starttls: true, tls: { skip_verify: true } }), [])
})
