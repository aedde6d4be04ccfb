// What each mail says, in the language of whom it is for: title, texts and values, before any template. Whatever people or programs chose (names,
// devices, browsers) is made harmless here.
import type { Scope } from '../base/template.ts'
import type { Texts } from '../i18n/languages.ts'
import { harmless } from './harmless.ts'
import type { Mail, MailName, MailValues } from './mailer.ts'

export interface Saying {
  readonly title: string
  /** For templates/email/<name>. */
  readonly scope: Scope
  /** By the names that Authelia's templates know. */
  readonly authelia: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

export function sayingOf(mail: Mail, texts: Texts): Saying {
  const displayName = harmless(mail.to.displayName)
  const { title, scope, authelia, url } = specialOf(mail, texts)
  const host = new URL(url).hostname
  return {
    title,
    scope: {
      lang: texts.language,
      title,
      greeting:
        displayName === '' ? texts.text('mail.greeting-nameless') : texts.text('mail.greeting', { displayName }),
      sentTo: texts.text('mail.sent-to', { address: mail.to.address, host }),
      ...scope,
    },
    authelia: { Title: title, DisplayName: displayName, Domain: host, ...authelia },
  }
}

interface Special extends Saying {
  /** One of the portal's own. */
  readonly url: string
}

function specialOf(mail: Mail, texts: Texts): Special {
  switch (mail.name) {
    case 'one-time-code':
      return oneTimeCode(mail.values as MailValues['one-time-code'], texts)
    case 'reset-password':
      return resetPassword(mail.values as MailValues['reset-password'], texts)
    case 'notice':
      return notice(mail.values as MailValues['notice'], texts)
  }
}

function oneTimeCode({ code, minutes, revokeUrl, from }: MailValues['one-time-code'], { text }: Texts): Special {
  const who = harmless(from)
  return {
    url: revokeUrl,
    title: text('mail-one-time-code.title'),
    scope: {
      preview: text('mail-one-time-code.preview'),
      code,
      valid: text('mail-one-time-code.valid', { count: minutes }),
      revokeUrl: link(revokeUrl),
      askedFrom: text('mail.asked-from', { from: who }),
    },
    authelia: {
      OneTimeCode: code,
      RemoteIP: who,
      RevocationLinkURL: link(revokeUrl),
      RevocationLinkText: text('mail-one-time-code.revoke'),
    },
  }
}

function resetPassword(values: MailValues['reset-password'], { text }: Texts): Special {
  const { resetUrl, revokeUrl, minutes } = values
  const who = harmless(values.from)
  return {
    url: resetUrl,
    title: text('mail-reset-password.title'),
    scope: {
      preview: text('mail-reset-password.preview'),
      resetUrl: link(resetUrl),
      valid: text('mail-reset-password.valid', { count: minutes }),
      revokeUrl: link(revokeUrl),
      askedFrom: text('mail.asked-from', { from: who }),
    },
    authelia: {
      RemoteIP: who,
      LinkURL: link(resetUrl),
      LinkText: text('mail-reset-password.button'),
      RevocationLinkURL: link(revokeUrl),
      RevocationLinkText: text('mail-reset-password.revoke'),
    },
  }
}

function notice({ event, subject, from, at, portalUrl }: MailValues['notice'], { language, text }: Texts): Special {
  const title = text(`mail-notice.${event}-title`)
  const lead = text(`mail-notice.${event}`)
  const details = [
    { label: text('mail-notice.what'), value: harmless(subject) },
    { label: text('mail-notice.when'), value: at === undefined ? '' : moment(at, language) },
    { label: text('mail-notice.from'), value: harmless(from) },
  ].filter(({ value }) => value !== '')
  return {
    url: portalUrl,
    title,
    scope: { preview: lead, lead, details, advice: adviceOn(event, text), portalUrl: link(portalUrl) },
    authelia: {
      RemoteIP: harmless(from),
      Details: Object.fromEntries(details.map(({ label, value }) => [label, value])),
      // Authelia's sentence goes: "to notify you that <prefix> <event> <suffix>".
      BodyPrefix: '',
      BodyEvent: `${title.charAt(0).toLowerCase()}${title.slice(1)}`,
      BodySuffix: '',
    },
  }
}

/** Not asked for the samples at a start: what it rests on takes 14 MB. */
const moment = (at: number, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' }).format(at)

/** '' where there is nothing to be done. */
function adviceOn(event: MailValues['notice']['event'], text: Texts['text']): string {
  if (event === 'test' || event === 'passkey-copied') return ''
  const hasPassword = event === 'second-factor-locked' || event === 'push-fraud'
  return text(hasPassword ? 'mail-notice.not-you-locked' : 'mail-notice.not-you')
}

/** @throws Error for what isn't an address of a page: a bug */
function link(url: string): string {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:')
    throw new Error('a link of a mail leads to no page')
  return parsed.href
}

const EXAMPLE = 'https://auth.example.com/?a=1&b=2'
const EVENTS: readonly MailValues['notice']['event'][] = [
  'password-changed',
  'password-reset',
  'factor-added',
  'factor-removed',
  'recovery-codes-made',
  'recovery-codes-removed',
  'recovery-code-used',
  'new-sign-in',
  'second-factor-locked',
  'push-fraud',
  'passkey-copied',
  'test',
]

/** One of each, to try templates on. */
export const SAMPLES: readonly Mail[] = [
  sample('one-time-code', { code: 'ABCD2345', minutes: 5, revokeUrl: EXAMPLE, from: '192.0.2.1' }),
  sample('reset-password', { resetUrl: EXAMPLE, revokeUrl: EXAMPLE, minutes: 5, from: '192.0.2.1' }),
  ...EVENTS.map((event) =>
    sample('notice', { event, subject: 'Firefox', from: '192.0.2.1', at: undefined, portalUrl: EXAMPLE }),
  ),
]

function sample<Name extends MailName>(name: Name, values: MailValues[Name]): Mail<Name> {
  return { name, to: { address: 'john@example.com', displayName: 'John Doe' }, language: 'en', values }
}
