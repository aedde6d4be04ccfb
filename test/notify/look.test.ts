import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Fault } from '../../src/base/fault.ts'
import { loadLanguages } from '../../src/i18n/languages.ts'
import { loadLook, OVERRIDES } from '../../src/notify/look.ts'
import type { Mail, MailName, MailValues } from '../../src/notify/mailer.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const languages = loadLanguages()
const look = loadLook(languages, undefined)
const REVOKE = 'https://auth.example.com/revoke/one-time-code?id=q3vXyLkUQ0mZ_0aYbS8b3A'
const VALUES: MailValues = {
  'one-time-code': { code: 'ABCD2345', minutes: 5, revokeUrl: REVOKE, from: '203.0.113.7' },
  'reset-password': {
    resetUrl: 'https://auth.example.com/reset-password/step2?token=a.b.c&x=1',
    revokeUrl: 'https://auth.example.com/revoke/reset-password?token=a.b.c',
    minutes: 1,
    from: '203.0.113.7',
  },
  notice: {
    event: 'factor-added',
    subject: 'Phone',
    from: '203.0.113.7',
    at: Date.UTC(2026, 10, 26, 1, 20, 19),
    portalUrl: 'https://auth.example.com/',
  },
}
function mail<Name extends MailName>(
  name: Name,
  changes: Partial<MailValues[Name]> = {},
  more: Partial<Mail> = {},
): Mail {
  return {
    name,
    to: { address: 'alice@example.com', displayName: 'Alice' },
    language: 'en',
    values: { ...VALUES[name], ...changes } as MailValues[Name],
    ...more,
  }
}
const faultOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof Fault, String(error))
    return `${error.code}: ${error.message}`
  }
  return 'nothing'
}

test('a code stands on a line of its own, and its revocation is a whole link', () => {
  const { title, text, html } = look(mail('one-time-code'))
  assert.equal(title, 'Confirm your identity')
  assert.ok(!title.includes('ABCD2345'))
  assert.ok(text.split('\n').includes('ABCD2345'))
  assert.ok(text.split('\n').includes(REVOKE))
  assert.match(text, /within 5 minutes\./)
  assert.match(text, /^Hello Alice,$/m)
  assert.match(html, />ABCD2345<\/td>/)
  assert.ok(html.includes(`href="${REVOKE}"`))
})

test('a link to a new password stands on a line of its own; the subject holds none of it', () => {
  const { title, text, html } = look(mail('reset-password'))
  assert.equal(title, 'Reset your password')
  assert.ok(text.split('\n').includes('https://auth.example.com/reset-password/step2?token=a.b.c&x=1'))
  assert.match(text, /within 1 minute\./)
  assert.ok(html.includes('href="https://auth.example.com/reset-password/step2?token=a.b.c&amp;x=1"'))
})

test('LOG-07 a notice says what, when and from where, and what to do', () => {
  const { title, text } = look(mail('notice'))
  assert.equal(title, 'A second factor was added')
  assert.match(text, /^What: Phone$/m)
  assert.match(text, /^When: November 26, 2026 at 1:20:19\sAM UTC$/m)
  assert.match(text, /^From where: 203\.0\.113\.7$/m)
  assert.match(text, /change your password/)
  const nameless = look(mail('notice', { subject: '' })).text
  assert.doesNotMatch(nameless, /^What/m)
})

test('mails come in the language of whom they are for, else in the configured one', () => {
  const german = look(mail('one-time-code', {}, { language: 'de' }))
  assert.match(german.text, /innerhalb von 5 Minuten\./)
  assert.match(german.html, /<html lang="de">/)
  assert.equal(look(mail('one-time-code', {}, { language: 'xx' })).title, 'Confirm your identity')
})

test('INJ-06 what people are called is never a template, and never HTML', () => {
  for (const name of [
    '{{code}}',
    '{{ .OneTimeCode }}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what somebody might try
    '${7*7}',
    '<%= 7 %>',
    '<script>alert(1)</script>',
    '{{constructor.constructor("x")()}}',
    'a\n\nABCD9999\n',
  ]) {
    const to = { address: 'alice@example.com', displayName: name }
    const { text, html } = look(mail('notice', { subject: name }, { to }))
    assert.doesNotMatch(html, /<script>|49/)
    if (name.startsWith('{{')) assert.match(text, /^Hello \{\{/m)
    assert.ok(!text.split('\n').includes('ABCD9999'), 'nobody writes a line of his own')
  }
})

test('INJ-06 a link leads to a page or there is no mail', () => {
  assert.throws(() => look(mail('notice', { portalUrl: 'javascript:alert(1)' })))
  assert.throws(() => look(mail('one-time-code', { revokeUrl: '/revoke' })))
})

test('nothing in a mail is fetched from elsewhere, and each part is whole', () => {
  for (const name of Object.keys(VALUES) as MailName[]) {
    for (const language of languages.names) {
      const { text, html } = look(mail(name, {}, { language }))
      assert.doesNotMatch(html, /<img|<link|@import|url\(|<script|src=/i, name)
      assert.doesNotMatch(`${text}${html}`, /\{\{|undefined|\[object/, name)
      assert.match(html, /<\/html>\s*$/)
      assert.match(html, /prefers-color-scheme: dark/)
      assert.ok(
        text.split('\n').every((line) => Buffer.byteLength(line) < 900),
        'RFC 5322 §2.1.1',
      )
    }
  }
})

test('templates of an operator’s own take the place of ours, file by file, as Authelia writes them', (t) => {
  const folder = temporaryFolder(t)
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write(
    'IdentityVerificationOTC.txt',
    'Hi {{ .DisplayName }} at {{ .Domain }}\n{{ .Title | upper }}\n{{ .OneTimeCode }}\n{{ .RevocationLinkText }} {{ .RevocationLinkURL }} ({{ .RemoteIP }})\n',
  )
  write(
    'Event.html',
    '<p>{{ .DisplayName }}: you that {{ .BodyPrefix }} {{ .BodyEvent }} {{ .BodySuffix }}</p>{{- $keys := sortAlpha (keys .Details) }}{{- range $key := $keys }}<i>{{ $key }}={{ index $.Details $key }}</i>{{ end }}',
  )
  const own = loadLook(languages, folder)
  const code = own(mail('one-time-code'))
  assert.equal(
    code.text,
    `Hi Alice at auth.example.com\nCONFIRM YOUR IDENTITY\nABCD2345\nTake the code back ${REVOKE} (203.0.113.7)\n`,
  )
  assert.match(code.html, /<\/html>/, 'ours')
  const to = { address: 'alice@example.com', displayName: 'A<b>' }
  const { html } = own(mail('notice', { subject: '<i>' }, { to }))
  assert.match(html, /^<p>A&lt;b&gt;: you that {2}a second factor was added <\/p>/)
  assert.match(html, /<i>What=&lt;i&gt;<\/i>/)
  assert.equal(own(mail('reset-password')).text, look(mail('reset-password')).text)
  const odd = own(mail('one-time-code', {}, { to: { ...to, displayName: '<no value>' } }))
  assert.match(odd.text, /^Hi <no value> at/)
})

test('a template that can not be used is a fault that names file and line', (t) => {
  const faults: Record<string, RegExp> = {
    'Hi\n{{ .OneTimeCode': /IdentityVerificationOTC\.txt:\d can't be used: In the template/,
    '{{ .NoSuchThing }}': /IdentityVerificationOTC\.txt can't be used: it asks for something/,
    '{{ nosuch .Title }}': /IdentityVerificationOTC\.txt:1 can't be used/,
    '  \n': /nothing is in it/,
  }
  for (const [source, expected] of Object.entries(faults)) {
    const folder = temporaryFolder(t)
    writeFileSync(join(folder, 'IdentityVerificationOTC.txt'), source)
    const told = faultOf(() => loadLook(languages, folder))
    assert.match(told, /^mail-template: /)
    assert.match(told, expected)
  }
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'Event.html'))
  assert.match(
    faultOf(() => loadLook(languages, folder)),
    /mail-template: .*Event\.html can't be used: it can't be read/,
  )
  assert.equal(
    faultOf(() => loadLook(languages, join(folder, 'missing'))),
    'nothing',
  )
  assert.equal(new Set(Object.values(OVERRIDES)).size, 3)
})
