// Choosing a language, at the foot of every page: a form, so that it works without JavaScript; then back to the page it was on.
import type { Request, Response } from 'express'
import { goOnOf, withGoOn } from '../go-on.ts'
import { rememberLanguage } from '../language.ts'
import { baseOf } from '../view/screen.ts'
import { type Visit, visitOf } from '../visit.ts'
import { wayBackOf } from '../way-back.ts'
import { type Context, field, formOf, seeOther } from './context.ts'

/** @param shown paths of pages that can be opened */
export const choosing =
  (shown: ReadonlySet<string>) =>
  async (_context: Context, request: Request, response: Response): Promise<void> => {
    const visit = visitOf(request)
    const { names } = visit.settings.languages
    const wanted = field(request, 'language')
    const tag = names.find((name) => name === wanted)
    if (tag !== undefined) rememberLanguage(response, tag)
    seeOther(request, response, pageBefore(request, visit, shown))
  }

/**
 * Where the form was sent from, by Referer: one of our own pages, whatever it says. The answer to a form has no page of its own: then it is the page
 * the form was on, and what the form brought along.
 */
function pageBefore(request: Request, visit: Visit, shown: ReadonlySet<string>): string {
  const referer = URL.parse(request.get('Referer') ?? '')
  const { pathname: whole, search } = referer?.origin === visit.origin ? referer : { pathname: '/', search: '' }
  const base = baseOf(request)
  const path = base !== '' && whole.startsWith(`${base}/`) ? whole.slice(base.length) : whole
  if (shown.has(path) && search !== '') return path + search
  const goOn = goOnOf(field(request, 'for'))
  const page = withGoOn(openable(path, shown), wayBackOf(visit, formOf(request)), goOn)
  const token = field(request, 'token')
  return token === '' ? page : `${page}${page.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}`
}

/** The path itself or the nearest one above it that can be opened. */
function openable(path: string, shown: ReadonlySet<string>): string {
  let open = path
  while (!shown.has(open) && open !== '') open = open.slice(0, open.lastIndexOf('/'))
  return open || '/'
}
