// A page in another language, for scenes that are written with the English texts: what they look for is found by what the catalogues make of it.
import type { Page } from 'playwright-core'
import { loadLanguages } from '../../src/i18n/languages.ts'

const { reference, textsOf } = loadLanguages()

/** `page`, whose getByLabel, getByRole and getByText understand English whatever language it is in. */
export function speaking(page: Page, language: string): Page {
  if (language === 'en') return page
  const { source } = textsOf(language)
  /** What matches as Playwright would: part of the text in any letter case, or the whole of it. */
  const translated = (wanted: unknown, exact: boolean | undefined): unknown => {
    if (typeof wanted !== 'string') return wanted
    const holds = ([, text]: [string, string]): boolean =>
      exact ? text === wanted : text.toLowerCase().includes(wanted.toLowerCase())
    const texts = [...reference].filter(holds).map(([key]) => source(key) ?? '')
    if (texts.length === 0) return wanted
    const parts = texts.map((text) =>
      text
        .split(/\{\{\w+\}\}/)
        .map(escaped)
        .join('.*'),
    )
    return new RegExp(`^\\s*(?:${parts.join('|')})\\s*$`)
  }
  const by =
    (find: 'getByLabel' | 'getByText') =>
    (text: string, options: { exact?: boolean } = {}) =>
      page[find](translated(text, options.exact) as string)
  const found = {
    getByLabel: by('getByLabel'),
    getByText: by('getByText'),
    getByRole: (role: Parameters<Page['getByRole']>[0], options: { name?: string | RegExp; exact?: boolean } = {}) =>
      page.getByRole(
        role,
        options.name === undefined ? options : { ...options, name: translated(options.name, options.exact) as string },
      ),
  }
  return new Proxy(page, {
    get(target, name) {
      if (Object.hasOwn(found, name)) return found[name as keyof typeof found]
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
