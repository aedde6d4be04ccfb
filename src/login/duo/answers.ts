// What Duo's answers mean (Auth API: preauth, auth, auth_status). Pure; what isn't as documented is a failure and never a permission.
import { DuoFailure } from './duo-failure.ts'

export interface DuoDevice {
  /** Duo's name for it. */
  readonly device: string
  /** For the person: "iOS (XXX-XXX-0100)". */
  readonly displayName: string
  /** `push`, `mobile_otp`, `sms`, `phone` …; a token has none. */
  readonly capabilities: readonly string[]
  readonly isToken: boolean
}

export type Preauth =
  | { readonly kind: 'auth'; readonly devices: readonly DuoDevice[] }
  /** Duo's administrator lets this user pass without a second factor. */
  | { readonly kind: 'allow' }
  | { readonly kind: 'deny' }
  /** Unknown to Duo, or without a device; the page of Duo's where one may enrol, if there is one. */
  | { readonly kind: 'enroll'; readonly url: string | undefined }

export type Verdict =
  /** `bypass`: by a rule of Duo's, whatever was shown. */
  | { readonly kind: 'allow'; readonly bypass: boolean }
  /** `denied`: by the person or by a rule of Duo's; `fraud`: the person said that it wasn't him; `locked`: too many failures, by Duo's count. */
  | { readonly kind: 'deny'; readonly reason: 'denied' | 'timeout' | 'fraud' | 'locked' | 'not-sent' }

type Fields = Readonly<Record<string, unknown>>

/** More than anybody carries. */
const MAX_DEVICES = 40
/** Characters of a name that is shown or stored. */
const MAX_TEXT = 200

const REFUSALS: Readonly<Record<string, Extract<Verdict, { kind: 'deny' }>['reason']>> = {
  timeout: 'timeout',
  fraud: 'fraud',
  locked_out: 'locked',
  push_failed: 'not-sent',
  deny: 'denied',
}

/** @returns what lies in `response`. @throws DuoFailure for every status but 200 and everything that isn't Duo's envelope */
export function readAnswer(status: number, text: string): Fields {
  let envelope: Fields
  try {
    envelope = fieldsOf(JSON.parse(text))
  } catch {
    throw new DuoFailure(`status ${status}, and an answer that isn't Duo's`)
  }
  if (status === 200 && envelope['stat'] === 'OK') return fieldsOf(envelope['response'])
  const { code } = envelope
  throw new DuoFailure(`status ${status}${typeof code === 'number' ? `, error ${code}` : ''}`)
}

export function readPreauth(answer: Fields): Preauth {
  switch (answer['result']) {
    case 'auth':
      return { kind: 'auth', devices: devicesOf(answer['devices']) }
    case 'allow':
      return { kind: 'allow' }
    case 'deny':
      return { kind: 'deny' }
    case 'enroll':
      return { kind: 'enroll', url: pageOf(answer['enroll_portal_url']) }
    default:
      throw new DuoFailure('an unknown result of preauth')
  }
}

/** Of a push that was sent. */
export function readTransaction(answer: Fields): string {
  const { txid } = answer
  if (typeof txid === 'string' && /^[\w.~-]{1,200}$/.test(txid)) return txid
  throw new DuoFailure('a push without a transaction')
}

/** `result` decides. One that is contradicted by `status` decides nothing. */
export function readVerdict(answer: Fields): Verdict | 'waiting' {
  const { result, status } = answer
  const refusal = typeof status === 'string' && Object.hasOwn(REFUSALS, status) ? REFUSALS[status] : undefined
  if (result === 'waiting') return 'waiting'
  if (result === 'deny') return { kind: 'deny', reason: refusal ?? 'denied' }
  if (result === 'allow' && refusal === undefined) return { kind: 'allow', bypass: status !== 'allow' }
  throw new DuoFailure('an unknown result')
}

function devicesOf(value: unknown): readonly DuoDevice[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MAX_DEVICES).flatMap((item): DuoDevice[] => {
    if (typeof item !== 'object' || item === null) return []
    const { device, display_name: shown, name, capabilities, type } = item as Fields
    if (typeof device !== 'string' || !/^[\w.~-]{1,100}$/.test(device)) return []
    return [
      {
        device,
        displayName: textOf(shown) || textOf(name) || device,
        capabilities: Array.isArray(capabilities) ? capabilities.filter((one) => typeof one === 'string') : [],
        isToken: type === 'token',
      },
    ]
  })
}

const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value
        .replace(/\p{Cc}/gu, ' ')
        .trim()
        .slice(0, MAX_TEXT)
    : ''

/** A link that people are sent by: a web page over TLS, or nothing. */
function pageOf(value: unknown): string | undefined {
  const url = typeof value === 'string' ? URL.parse(value) : null
  return url?.protocol === 'https:' && url.username === '' && url.href.length <= 2000 ? url.href : undefined
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DuoFailure('an answer of another form')
  return value as Fields
}
