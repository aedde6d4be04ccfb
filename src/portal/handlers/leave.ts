// Leaving the portal for the place somebody came from; at most once in a row for the same place, so that a loop can't arise.
import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import { forgetOwnCookie, type OwnCookie, ownCookie, setOwnCookie } from '../own-cookie.ts'
import type { Visit } from '../visit.ts'
import type { Context } from './context.ts'

/** Remembers for a moment where the visitor was sent; says nothing about who he is. */
const SENT: OwnCookie = { name: '__Host-latchkey_sent', sameSite: 'Lax' }
/** Whoever is back within this time (seconds) wasn't let in there. */
const SOON = 10

const mark = (url: string): string => createHash('sha256').update(url).digest('base64url').slice(0, 16)

/**
 * The visitor was sent to `url` a moment ago and is back already: the application's proxy doesn't see the session. Forgets it, so that the next
 * try is a fresh one.
 */
export function wasSentBack(request: Request, response: Response, url: string): boolean {
  const isBack = ownCookie(request, SENT) === mark(url)
  if (isBack) forgetOwnCookie(response, SENT)
  return isBack
}

/**
 * By a link: a redirect. After a form: a page that goes there by itself, because browsers hold the policy on forms against every redirect that
 * follows one, and an application may have reasons of its own to send people further.
 * @param url checked by `redirectTarget`, or written by the operator
 */
export function leave(
  { screen }: Context,
  request: Request,
  response: Response,
  visit: Visit,
  { url, afterForm }: { readonly url: string; readonly afterForm: boolean },
): void {
  setOwnCookie(response, SENT, mark(url), SOON)
  if (afterForm) {
    const destination = URL.parse(url)?.host ?? url
    screen.show(request, response, visit, 'leaving', { destination }, { refreshTo: url })
    return
  }
  response.statusCode = 302
  response.setHeader('Location', url)
  response.end()
}
