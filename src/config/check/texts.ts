// Checks of texts: an operator's own in `server.asset_path`, and that there are any in the configured language.
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  CATALOGUE_FILE,
  CATALOGUES,
  type Catalogue,
  languagesIn,
  misfitsOf,
  REFERENCE,
  readCatalogue,
} from '../../i18n/catalogue.ts'
import { type CheckContext, kindOfFile } from './context.ts'

const AT = '/server/asset_path'

export function checkTexts(context: CheckContext): void {
  const { config, cwd } = context
  const path = config.server.asset_path
  const folder =
    path !== undefined && kindOfFile(context, join(path, 'locales')) === 'folder'
      ? resolve(cwd, path, 'locales')
      : undefined
  checkLanguage(context, folder)
  if (folder === undefined) return
  const reference = readCatalogue(join(CATALOGUES, `${REFERENCE}.json`))
  for (const name of readdirSync(folder)) {
    if (CATALOGUE_FILE.test(name)) checkOwn(context, join(folder, name), join('locales', name), reference)
  }
}

function checkLanguage({ config, report }: CheckContext, folder: string | undefined): void {
  const { language } = config
  const known = [...new Set([...languagesIn(CATALOGUES), ...(folder === undefined ? [] : languagesIn(folder))])].sort()
  if (known.includes(language)) return
  report.error(
    'wrong-value',
    '/language',
    `must be a language that there are texts in, not ${JSON.stringify(language)}`,
    `There are: ${known.join(', ')}. Texts of your own belong into server.asset_path, as locales/${language}.json.`,
  )
}

function checkOwn({ report }: CheckContext, file: string, name: string, reference: Catalogue): void {
  let own: Catalogue
  try {
    own = readCatalogue(file)
  } catch (error) {
    report.error('wrong-translation', AT, `holds ${name}, which can't be used: ${messageOf(error)}`)
    return
  }
  const { unknown, ungiven } = misfitsOf(own, reference)
  for (const what of ungiven)
    report.error('wrong-translation', AT, `holds ${name}, where nobody gives what it asks for in ${what}`)
  for (const key of unknown)
    report.warning('unknown-text', AT, `holds ${name}, whose text ${key} is asked for by nothing`)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
