// How the portal looks to this browser: its theme and language. Kept in cookies of this host, so that the page comes in them at once.
import type { Request, Response } from 'express'
import { languageName, rememberLanguage } from '../../language.ts'
import { chosenTheme, isTheme, rememberTheme, THEMES } from '../../view/theme.ts'
import { type Context, field } from '../context.ts'
import { admitted, doneAt, frameOf, PREFERENCES } from './frame.ts'

const LABELS: Readonly<Record<(typeof THEMES)[number], string>> = {
  auto: 'account.theme-auto',
  light: 'account.theme-light',
  dark: 'account.theme-dark',
  grey: 'account.theme-grey',
  oled: 'account.theme-oled',
}

export async function getPreferences(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, PREFERENCES)
  if (!seen) return
  const chosen = chosenTheme(request)
  const { screen } = context
  const { names } = seen.visit.settings.languages
  screen.show(request, response, seen.visit, 'account-preferences', {
    ...frameOf(seen, PREFERENCES),
    themes: [
      { value: '', label: screen.text(request, 'account.theme-site'), isChosen: chosen === undefined },
      ...THEMES.map((value) => ({ value, label: screen.text(request, LABELS[value]), isChosen: chosen === value })),
    ],
    hasLanguages: names.length > 1,
    languages: names.map((value) => ({
      value,
      label: languageName(value),
      isChosen: value === screen.language(request),
    })),
  })
}

export async function postPreferences(context: Context, request: Request, response: Response): Promise<void> {
  const seen = await admitted(context, request, response, PREFERENCES)
  if (!seen) return
  const theme = field(request, 'theme')
  rememberTheme(response, isTheme(theme) ? theme : undefined)
  const language = seen.visit.settings.languages.names.find((name) => name === field(request, 'language'))
  if (language !== undefined) rememberLanguage(response, language)
  doneAt(seen, PREFERENCES, 'saved')
}
