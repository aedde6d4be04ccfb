// The languages there are texts in, read with each configuration. A mail takes `settings.languages.textsOf(mail.language)`: `text(key, values)` is a
// text with its values filled in, `source(key)` the text as it is written, for `{{t key}}` of a template. What is asked for in a language that isn't
// there comes in the configured one; a text that a language lacks, in English. Texts are plain: whoever puts them into HTML escapes them.
import { join } from 'node:path'
import { createInstance, type i18n } from 'i18next'
import { Fault } from '../base/fault.ts'
import { CATALOGUES, type Catalogue, languagesIn, localesIn, misfitsOf, REFERENCE, readCatalogue } from './catalogue.ts'

export type TextValues = Readonly<Record<string, string | number>>

export interface Texts {
  /** Tag of the language, as `<html lang>` takes it. */
  readonly language: string
  /** With its values filled in. `count` chooses among the forms of a text that has forms. @throws Error: a bug, when key or value isn't there */
  text(key: string, values?: TextValues): string
  /** As it is written, with its {{name}}; undefined when there is none, or it has forms. */
  source(key: string): string | undefined
}

export interface Languages {
  /** Tags, the configured one first. */
  readonly names: readonly string[]
  textsOf(language: string): Texts
  /** What in these a program that was made for `earlier` can't show, as a sentence without its stop; undefined when there is nothing of the kind. */
  misfitTo(earlier: Languages): string | undefined
  /** The texts of the language that is complete. */
  readonly reference: Catalogue
}

export interface LanguagesOptions {
  /** `server.asset_path`: texts in its folder `locales` stand in for ours, or make a language of their own. */
  readonly assetPath?: string | undefined
  /** `language`: for whoever wishes none that there is. */
  readonly standard?: string | undefined
}

/** @throws Fault `portal-template` when a file doesn't read, or asks for what nobody gives */
export function loadLanguages({ assetPath, standard = REFERENCE }: LanguagesOptions = {}): Languages {
  const catalogues = readAll(CATALOGUES)
  const reference = catalogues.get(REFERENCE) ?? new Map()
  const own = assetPath === undefined ? [] : readAll(localesIn(assetPath), reference)
  for (const [language, texts] of own)
    catalogues.set(language, new Map([...(catalogues.get(language) ?? []), ...texts]))
  if (!catalogues.has(standard)) {
    const hint = `There are: ${[...catalogues.keys()].join(', ')}. Add a file ${standard}.json to the folder locales of server.asset_path.`
    throw new Fault('portal-template', `There are no texts in the configured language ${standard}.`, { hint })
  }
  const translator = translatorOf(catalogues)
  const texts = new Map([...catalogues.keys()].map((language) => [language, textsIn(translator, catalogues, language)]))
  const names = [standard, ...[...catalogues.keys()].filter((name) => name !== standard)]
  return {
    names,
    reference,
    textsOf: (language) => texts.get(language) ?? (texts.get(standard) as Texts),
    misfitTo(earlier) {
      const lost = misfitsOf(earlier.reference, reference).unknown[0]
      if (lost !== undefined) return `there is no text ${lost}`
      const ungiven = [...catalogues.values()].flatMap((texts) => misfitsOf(texts, earlier.reference).ungiven)[0]
      return ungiven && `nobody gives a text what it asks for in ${ungiven}`
    },
  }
}

/** @param reference what the texts must fit */
function readAll(folder: string, reference?: Catalogue): Map<string, Catalogue> {
  return new Map(
    languagesIn(folder).map((language): [string, Catalogue] => {
      const file = join(folder, `${language}.json`)
      try {
        const catalogue = readCatalogue(file)
        const ungiven = reference && misfitsOf(catalogue, reference).ungiven[0]
        if (ungiven !== undefined) throw new Error(`nobody gives it what it asks for in ${ungiven}`)
        return [language, catalogue]
      } catch (cause) {
        const what = cause instanceof Error ? cause.message : String(cause)
        throw new Fault('portal-template', `The texts in ${file} can't be used: ${what}.`, {
          hint: 'Undo the change in that file.',
          cause,
        })
      }
    }),
  )
}

function translatorOf(catalogues: ReadonlyMap<string, Catalogue>): i18n {
  const translator = createInstance()
  const resources = [...catalogues].map(([language, texts]) => [language, { translation: Object.fromEntries(texts) }])
  void translator.init({
    resources: Object.fromEntries(resources),
    fallbackLng: REFERENCE,
    initAsync: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    parseMissingKeyHandler: (key) => {
      throw new Error(`no text ${key}`)
    },
    missingInterpolationHandler: (text, [whole]) => {
      throw new Error(`the text “${text}” wasn't given ${whole}`)
    },
  })
  return translator
}

function textsIn(translator: i18n, catalogues: ReadonlyMap<string, Catalogue>, language: string): Texts {
  const translate = translator.getFixedT(language)
  const chain = [language, language.split('-')[0] ?? language, REFERENCE]
  return {
    language,
    // What a value says is never read as a text: no nesting, and names of values can't be taken for options.
    text: (key, values = {}) =>
      translate(key, {
        replace: values,
        nest: false,
        ...(typeof values['count'] === 'number' ? { count: values['count'] } : {}),
      }),
    source: (key) => chain.map((name) => catalogues.get(name)?.get(key)).find((text) => text !== undefined),
  }
}
