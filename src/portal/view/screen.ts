// Shows a page: frame, policy with a fresh nonce, status. The one place where HTML leaves the portal.
import type { Request, Response } from 'express'
import { Fault } from '../../base/fault.ts'
import type { Languages } from '../../i18n/languages.ts'
import { languageName, languageOf } from '../language.ts'
import type { PortalSettings } from '../portal.ts'
import { newNonce, pagePolicy, weaknessesOfPolicy } from '../security-headers.ts'
import { findVisit, type Visit } from '../visit.ts'
import { ACCOUNT_PAGES } from './account-pages.ts'
import { loadPages, type PageFrame, type PageName, type Pages, type PageValues } from './pages.ts'
import { loadStaticFiles, type StaticFiles } from './static-files.ts'
import { chosenTheme } from './theme.ts'

export interface ShowOptions {
  readonly status?: number
  /** Key of the page's title, else `<page>.title`. */
  readonly title?: string
  readonly refreshTo?: string
  /** A script that only this page needs. */
  readonly script?: 'webauthn.js' | 'choose-password.js'
  readonly comeBackAfter?: number
}

interface Look {
  readonly pages: Pages
  readonly files: StaticFiles
  readonly cspTemplate: string | undefined
}

export interface Screen {
  /** Answers with a page. `visit` is undefined where there is none: another host, an error before the door. */
  show<Name extends PageName>(
    request: Request,
    response: Response,
    visit: Visit | undefined,
    name: Name,
    values: PageValues[Name],
    options?: ShowOptions,
  ): void
  /** A text of the catalogue in the language of whoever asks; plain, not HTML. */
  text(request: Request, key: string, values?: Readonly<Record<string, string | number>>): string
  /** Tag of the language in which whoever asks is answered. */
  language(request: Request): string
  /** Reads templates and files for settings that are about to be in force. @throws Fault `portal-template`; whatever reading a file throws */
  prepare(settings: PortalSettings): void
  /** Files of the configuration in force. */
  files(settings: PortalSettings): StaticFiles
}

const COLOR_SCHEMES: Readonly<Record<PortalSettings['theme'], string>> = {
  light: 'light',
  dark: 'dark',
  grey: 'dark',
  oled: 'dark',
  auto: 'light dark',
}

/** @param warn told once for each configuration what is weak about its policy */
export function createScreen(current: () => PortalSettings, warn: (weakness: string) => void): Screen {
  const first = { languages: current().languages, pages: loadPages(current().languages) }
  const looks = new WeakMap<PortalSettings, Look>()
  /** What was read last. */
  let latest: (Pick<PortalSettings, 'assetPath' | 'languages'> & Pick<Look, 'pages' | 'files'>) | undefined

  const read = ({ assetPath, languages }: PortalSettings) => {
    const pages = latest ? readPages(languages, first) : first.pages
    // Beside those that are shown now, not those of settings that never came into force.
    const shown = looks.get(current())?.files ?? latest?.files
    latest = { assetPath, languages, pages, files: loadStaticFiles(assetPath, shown) }
    return latest
  }
  const isLatest = ({ assetPath, languages }: PortalSettings): boolean =>
    latest !== undefined && latest.assetPath === assetPath && latest.languages === languages
  const lookOf = (settings: PortalSettings): Look => {
    const known = looks.get(settings)
    if (known) return known
    return take(settings, latest && isLatest(settings) ? latest : read(settings))
  }
  const take = (settings: PortalSettings, { pages, files }: { pages: Pages; files: StaticFiles }): Look => {
    // Written but empty is the same as not written.
    let cspTemplate = settings.cspTemplate || undefined
    if (cspTemplate !== undefined) {
      const { refused, weaknesses } = weaknessesOfPolicy(cspTemplate)
      for (const weakness of weaknesses) warn(weakness)
      if (refused) cspTemplate = undefined
    }
    const look = { pages, files, cspTemplate }
    looks.set(settings, look)
    return look
  }
  lookOf(current())

  return {
    text(request, key, values) {
      const settings = findVisit(request)?.settings ?? current()
      return settings.languages.textsOf(languageOf(request, settings)).text(key, values)
    },
    language(request) {
      const settings = findVisit(request)?.settings ?? current()
      return settings.languages.textsOf(languageOf(request, settings)).language
    },
    prepare: (settings) => void take(settings, read(settings)),
    files: (settings) => lookOf(settings).files,
    show(request, response, visit, name, values, options = {}) {
      const settings = visit?.settings ?? current()
      const { pages, files, cspTemplate } = lookOf(settings)
      const base = baseOf(request)
      const at = (address: string | undefined) => (address === undefined ? undefined : base + address)
      const nonce = newNonce()
      const theme = chosenTheme(request) ?? settings.theme
      const { language, text } = settings.languages.textsOf(languageOf(request, settings))
      const title = text(options.title ?? `${name}.title`)
      const html = pages.render(
        language,
        name,
        {
          theme,
          colorScheme: COLOR_SCHEMES[theme],
          wide: (ACCOUNT_PAGES as readonly string[]).includes(name),
          base,
          nonce,
          // A screen reader says the title first.
          title: hasProblem(values) ? text('site.problem-title', { title }) : title,
          refreshTo: options.refreshTo,
          comeBackAfter: options.comeBackAfter,
          stylesheet: at(files.address('portal.css')) ?? '',
          script: at(files.address('portal.js')) ?? '',
          extraScript: options.script && at(files.address(options.script)),
          estimate: at(files.address('password-estimate.js')),
          favicon: at(files.address('favicon.ico') ?? files.address('favicon.svg')) ?? '',
          logo: at(files.address('logo.png')),
          portalHost: visit?.host ?? '',
          chooser: visit && chooserOf(settings, language, values),
        },
        values,
      )
      response.status(options.status ?? 200)
      response.vary('Accept-Language').vary('Cookie')
      response.setHeader('Content-Security-Policy', pagePolicy(nonce, visit?.domain.domain, cspTemplate))
      response.setHeader('Content-Type', 'text/html; charset=utf-8')
      response.setHeader('Content-Length', Buffer.byteLength(html))
      response.end(request.method === 'HEAD' ? undefined : html)
    },
  }
}

/** Where a page is shown there is something to choose, unless there is but one language. */
function chooserOf({ languages }: PortalSettings, language: string, values: object): PageFrame['chooser'] {
  if (languages.names.length < 2) return undefined
  const {
    rd = '',
    rm = '',
    goOn = '',
    token = '',
  } = values as { rd?: string; rm?: string; goOn?: string; token?: string }
  const choices = languages.names.map((tag) => ({ tag, name: languageName(tag), isChosen: tag === language }))
  return { rd, rm, goOn, token, languages: choices.sort((a, b) => a.tag.localeCompare(b.tag)) }
}

interface AtFirst {
  readonly languages: Languages
  readonly pages: Pages
}

/** Templates and texts as they are now. They must ask for nothing that this program doesn't give them: those of a newer one may. */
function readPages(languages: Languages, first: AtFirst): Pages {
  let pages: Pages
  let wrong = languages.misfitTo(first.languages)
  try {
    pages = loadPages(languages)
  } catch (cause) {
    throw wrongTemplate(cause instanceof Error ? cause.message : String(cause), cause)
  }
  for (const [page, names] of pages.names) {
    const unknown = [...names].find((name) => !first.pages.names.get(page)?.has(name))
    if (unknown !== undefined) wrong ??= `template ${page}: nobody gives it {{${unknown}}}`
  }
  if (wrong !== undefined) throw wrongTemplate(wrong)
  return pages
}

const wrongTemplate = (what: string, cause?: unknown): Fault =>
  new Fault('portal-template', `The portal's pages can't be shown: ${what}.`, {
    hint: 'Undo the change in templates/; after an upgrade of Latchkey, start it anew.',
    cause,
  })

const hasProblem = (values: object): boolean => 'problem' in values && values.problem !== undefined

const bases = new WeakMap<object, string>()
/** The prefix this request came with, '' or '/segment'; links are written with it. */
export const rememberBase = (request: object, base: string): void => void bases.set(request, base)
export const baseOf = (request: object): string => bases.get(request) ?? ''
