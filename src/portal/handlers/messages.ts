// The pages that only say something: no access, not found, too many attempts, wrong host, errors. Each tells what to do next.
import type { Request, Response } from 'express'
import type { RateLimitName } from '../../config/config.ts'
import { baseOf } from '../view/screen.ts'
import type { Visit } from '../visit.ts'
import type { Context } from './context.ts'

export type Message =
  | 'forbidden'
  | 'no-second-factor'
  | 'passkey-elsewhere'
  | 'cross-site'
  | 'not-found'
  | 'bad-request'
  | 'too-many'
  | 'error'
  | 'wrong-host'
  | 'not-https'
  | 'code-revoked'
  | 'code-gone'
  | 'reset-asked'
  | 'reset-gone'
  | 'reset-revoked'
  | 'password-reset'
  | 'password-changed'
  | 'passwords-fixed'

const STATUS: Readonly<Record<Message, number>> = {
  forbidden: 403,
  'no-second-factor': 403,
  'passkey-elsewhere': 403,
  'cross-site': 403,
  'not-found': 404,
  'bad-request': 400,
  'too-many': 429,
  error: 500,
  // RFC 9110 §15.5.20: this server doesn't answer for that host.
  'wrong-host': 421,
  'not-https': 400,
  'code-revoked': 200,
  'code-gone': 404,
  'reset-asked': 200,
  'reset-gone': 403,
  'reset-revoked': 200,
  'password-reset': 200,
  'password-changed': 200,
  'passwords-fixed': 503,
}

export interface MessageDetails {
  readonly status?: number
  /** Fills {{name}} of the text. */
  readonly name?: string
  /** Id under which the log has more. */
  readonly reference?: string
  /** Fills {{wait}}. */
  readonly waitSeconds?: number
  /** Somebody is signed in and may want to be somebody else. */
  readonly username?: string
}

export function showMessage(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit | undefined,
  message: Message,
  details: MessageDetails = {},
): void {
  const { name = '', username, reference, waitSeconds } = details
  const wait =
    waitSeconds === undefined ? '' : waitText((key, values) => screen.text(request, key, values), waitSeconds)
  const hint = hasHint(message, waitSeconds)
    ? screen.text(request, `message.${message}-hint`, { wait, name })
    : undefined
  screen.show(
    request,
    response,
    visit,
    'message',
    {
      lead: screen.text(request, `message.${message}`, { name }),
      hint,
      reference,
      link: visit
        ? {
            url: `${baseOf(request)}/`,
            label: screen.text(request, username === undefined ? 'message.home' : 'message.overview'),
          }
        : undefined,
      maySignOut: username !== undefined,
      username: username ?? '',
    },
    { status: details.status ?? STATUS[message], title: `message.${message}-title` },
  )
}

/** @param seconds until it makes sense to come back; also sent as Retry-After (RFC 9110 §10.2.3) */
export function showTooMany(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  seconds: number,
): void {
  response.setHeader('Retry-After', String(Math.max(1, Math.ceil(seconds))))
  showMessage(context, request, response, visit, 'too-many', { waitSeconds: seconds })
}

/** Counts for the address (`server.endpoints.rate_limits`). @returns whether it asks too often; then the request is answered */
export function isTooOften(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  limit: RateLimitName,
): boolean {
  const until = context.limits.refusedUntil(limit, visit.settings.rateLimits[limit], visit.clientAddress)
  if (until === undefined) return false
  showTooMany(context, request, response, visit, (until - context.deps.clock.now()) / 1000)
  return true
}

const hasHint = (message: Message, waitSeconds: number | undefined): boolean => {
  if (message === 'not-found' || message === 'bad-request' || message === 'code-gone') return false
  return message !== 'too-many' || waitSeconds !== undefined
}

function waitText(text: (key: string, values?: { count: number }) => string, seconds: number): string {
  if (seconds <= 90) return text('wait.seconds', { count: Math.max(1, Math.ceil(seconds)) })
  return text('wait.minutes', { count: Math.ceil(seconds / 60) })
}
