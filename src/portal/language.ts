// The language somebody is answered in: what he chose (a cookie), else what his browser prefers (RFC 9110 §12.5.4), else the configured one.
import type { Request, Response } from 'express'
import { type OwnCookie, ownCookie, setOwnCookie } from './own-cookie.ts'
import type { PortalSettings } from './portal.ts'

/** Holds a tag; says nothing about who it is. */
const CHOICE: OwnCookie = { name: '__Host-latchkey_language', sameSite: 'Lax' }
const YEAR = 365 * 24 * 60 * 60
/** No browser sends more; who does wants to keep the server busy. */
const MAX_HEADER = 1000

/** Tag of a language that there are texts in. Nothing of the request ever is part of it. */
export function languageOf(request: Request, { languages }: PortalSettings): string {
  const { names } = languages
  const chosen = ownCookie(request, CHOICE)
  const byCookie = names.find((name) => name === chosen)
  if (byCookie !== undefined) return byCookie
  const [standard = ''] = names
  if ((request.headers['accept-language'] ?? '').length > MAX_HEADER) return standard
  return request.acceptsLanguages([...names]) || standard
}

/** @param tag one of `languages.names` */
export const rememberLanguage = (response: Response, tag: string): void => setOwnCookie(response, CHOICE, tag, YEAR)

/** What those who speak it call it. */
export function languageName(tag: string): string {
  const known = names.get(tag)
  if (known !== undefined) return known
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag
  const title = name.charAt(0).toLocaleUpperCase(tag) + name.slice(1)
  names.set(tag, title)
  return title
}
const names = new Map<string, string>()
