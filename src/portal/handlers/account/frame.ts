// What the pages of the account share: who may see them, the way among them, and what they say after a form.
import type { Request, Response } from 'express'
import { deviceOf } from '../../../base/device.ts'
import type { Scope } from '../../../base/template.ts'
import { factorsOf, isGuarded, type SecondFactor } from '../../second-factors.ts'
import { type Moment, momentsIn } from '../../view/moments.ts'
import { baseOf } from '../../view/screen.ts'
import { type Visit, visitOf } from '../../visit.ts'
import type { WayBack } from '../../way-back.ts'
import { askForFactor } from '../ask-for-factor.ts'
import { type Context, seeOther, type Visitor, visitorOf } from '../context.ts'

export const ACCOUNT = '/account'
export const SECURITY = '/account/security'
export const SESSIONS = '/account/sessions'
export const ACTIVITY = '/account/activity'
export const PREFERENCES = '/account/preferences'

const PAGES = [
  [ACCOUNT, 'account.overview'],
  [SECURITY, 'account.security'],
  [SESSIONS, 'account.sessions'],
  [ACTIVITY, 'account.activity'],
  [PREFERENCES, 'account.preferences'],
] as const
export type AccountPage = (typeof PAGES)[number][0]

/** What a page says after a form, by the word in its address. */
const NOTICES = {
  'session-ended': 'account.done-session-ended',
  'sessions-ended': 'account.done-sessions-ended',
  'passkey-renamed': 'account.done-passkey-renamed',
  'passkey-removed': 'account.done-passkey-removed',
  'totp-added': 'account.done-totp-added',
  'passkey-added': 'account.done-passkey-added',
  'totp-removed': 'account.done-totp-removed',
  'codes-removed': 'account.done-codes-removed',
  'browser-forgotten': 'account.done-browser-forgotten',
  'browsers-forgotten': 'account.done-browsers-forgotten',
  preferred: 'account.done-preferred',
  saved: 'account.done-saved',
  recovered: 'account.done-recovered',
} as const
export type Done = keyof typeof NOTICES

export interface Frame {
  readonly nav: readonly (Scope & { readonly url: string; readonly label: string; readonly isHere: boolean })[]
  readonly notice: string | undefined
  readonly problem: string | undefined
}

export interface Seen {
  readonly context: Context
  readonly request: Request
  readonly response: Response
  readonly visit: Visit
  readonly visitor: Visitor
}

const NOWHERE: WayBack = { target: undefined, method: 'GET', refused: false }

/**
 * Whoever has a second factor has given it, or uses a browser that is trusted with it: where somebody is signed in, and from where, isn't for one
 * who only knows his password.
 * @param at where to come back to, when the second factor is given first
 * @returns undefined when the request is answered
 */
export async function admitted(
  context: Context,
  request: Request,
  response: Response,
  at: AccountPage,
): Promise<Seen | undefined> {
  const visit = visitOf(request)
  const visitor = await visitorOf(context, request, visit)
  if (visitor && (visitor.level >= 2 || !isGuarded(visitor.factors)))
    return { context, request, response, visit, visitor }
  if (visitor) askForFactor(context, request, response, visit, visitor, NOWHERE, at)
  else seeOther(request, response, '/')
  return undefined
}

/** What somebody has at all, whatever this session began with; without recovery codes, which only stand in for one of them. */
export const methodsOf = async ({ context: { deps }, visit, visitor }: Seen): Promise<readonly SecondFactor[]> =>
  (await factorsOf({ deps, visit }, visitor.user.username)).registered.filter(({ isMethod }) => isMethod)

/** @param at the page of the way that this one belongs to */
export function frameOf({ context: { screen }, request }: Seen, at: AccountPage, problem?: string): Frame {
  const done = request.query['done']
  const isKnown = typeof done === 'string' && Object.hasOwn(NOTICES, done)
  return {
    nav: PAGES.map(([path, label]) => ({
      url: baseOf(request) + path,
      label: screen.text(request, label),
      isHere: path === at,
    })),
    notice: isKnown && problem === undefined ? screen.text(request, NOTICES[done as Done]) : undefined,
    problem,
  }
}

/** After a form. */
export const doneAt = ({ request, response }: Omit<Seen, 'visitor'>, page: AccountPage, done: Done): void =>
  seeOther(request, response, `${page}?done=${done}`)

export const momentsFor = ({ context: { screen, deps }, request }: Omit<Seen, 'visitor'>): ((time: number) => Moment) =>
  momentsIn(screen.language(request), deps.clock.now())

/** `Firefox on Windows`. */
export function deviceText({ context: { screen }, request }: Seen, userAgent: string): string {
  const { browser, system } = deviceOf(userAgent)
  if (browser !== undefined && system !== undefined) return screen.text(request, 'account.device', { browser, system })
  return browser ?? system ?? screen.text(request, 'account.device-unknown')
}
