// The theme that somebody chose for the portal in this browser, in a cookie of its own.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { forgetOwnCookie, type OwnCookie, ownCookie, setOwnCookie } from '../own-cookie.ts'

export const THEMES = ['auto', 'light', 'dark', 'grey', 'oled'] as const
export type Theme = (typeof THEMES)[number]

const CHOICE: OwnCookie = { name: '__Host-latchkey_theme', sameSite: 'Lax' }
/** Seconds; a year. */
const LIFETIME = 31_536_000

export const isTheme = (text: string): text is Theme => (THEMES as readonly string[]).includes(text)

/** Undefined: none, so the configured one counts. Only the words above ever reach a page. */
export function chosenTheme(request: IncomingMessage): Theme | undefined {
  const value = ownCookie(request, CHOICE)
  return value !== undefined && isTheme(value) ? value : undefined
}

/** Undefined: the configured one counts again. */
export const rememberTheme = (response: ServerResponse, theme: Theme | undefined): void =>
  theme === undefined ? forgetOwnCookie(response, CHOICE) : setOwnCookie(response, CHOICE, theme, LIFETIME)
