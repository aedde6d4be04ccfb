// The theme that somebody chose for the portal in this browser, in a cookie of its own.
import type { IncomingMessage } from 'node:http'
import { ownCookie, ownCookieLine } from '../own-cookie.ts'

export const THEMES = ['auto', 'light', 'dark', 'grey', 'oled'] as const
export type Theme = (typeof THEMES)[number]

const COOKIE = '__Host-latchkey_theme'
/** Seconds; a year. */
const LIFETIME = 31_536_000

export const isTheme = (text: string): text is Theme => (THEMES as readonly string[]).includes(text)

/** Undefined: none, so the configured one counts. Only the words above ever reach a page. */
export function chosenTheme(request: IncomingMessage): Theme | undefined {
  const value = ownCookie(request, COOKIE)
  return value !== undefined && isTheme(value) ? value : undefined
}

/** The Set-Cookie line that keeps a choice, or forgets it. */
export const themeCookie = (theme: Theme | undefined): string =>
  ownCookieLine(COOKIE, theme ?? '', theme === undefined ? 0 : LIFETIME)
