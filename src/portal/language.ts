// The language somebody is answered in: what he chose (a cookie), else what his browser prefers (RFC 9110 §12.5.4), else the configured one.
import type { Request, Response } from 'express'
import type { PortalSettings } from './portal.ts'

/** Holds a tag; says nothing about who it is. Of this host only. */
const COOKIE = '__Host-latchkey_language'
const YEAR = 365 * 24 * 60 * 60
/** No browser sends more; who does wants to keep the server busy. */
const MAX_HEADER = 1000

/** Tag of a language that there are texts in. Nothing of the request ever is part of it. */
export function languageOf(request: Request, { languages }: PortalSettings): string {
  const { names } = languages
  const chosen = (request.headers.cookie ?? '').split(/; */).find((pair) => pair.startsWith(`${COOKIE}=`))
  const byCookie = names.find((name) => chosen === `${COOKIE}=${name}`)
  if (byCookie !== undefined) return byCookie
  const [standard = ''] = names
  if ((request.headers['accept-language'] ?? '').length > MAX_HEADER) return standard
  return request.acceptsLanguages([...names]) || standard
}

/** @param tag one of `languages.names` */
export const rememberLanguage = (response: Response, tag: string): void =>
  void response.append('Set-Cookie', `${COOKIE}=${tag}; Path=/; Max-Age=${YEAR}; Secure; HttpOnly; SameSite=Lax`)

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
