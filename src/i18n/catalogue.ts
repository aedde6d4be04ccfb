// A catalogue: all texts of one language as a file holds them, sections of texts named by dotted keys (`sign-in.title`). Read and judged here.
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageFolder } from '../base/package-folder.ts'
import { readBounded } from '../base/read-bounded.ts'

/** By dotted key; forms of number are keys of their own, `wait.minutes_one` and `wait.minutes_other`. */
export type Catalogue = ReadonlyMap<string, string>

/** What all others are measured by, and where what they lack comes from. */
export const REFERENCE = 'en'
export const CATALOGUES = join(packageFolder(), 'templates/locales')
/** Folder of an operator's own catalogues. */
export const localesIn = (assetPath: string): string => resolve(join(assetPath, 'locales'))
/** `de.json`, `pt-BR.json`, `zh-Hant.json` */
export const CATALOGUE_FILE = /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?\.json$/

const FORM = /_(?:zero|one|two|few|many|other)$/
/** The key that code asks for. */
export const withoutForm = (key: string): string => key.replace(FORM, '')

/** Languages that have a file in this folder; none where there is no such folder. */
export function languagesIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => CATALOGUE_FILE.test(name))
    return names.map((name) => name.slice(0, -'.json'.length)).sort()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return []
    throw error
  }
}

/** @throws Error that says what is wrong, as the end of a sentence about the file */
export function readCatalogue(file: string): Catalogue {
  const texts = new Map<string, string>()
  for (const [section, entries] of entriesOf(parsed(file), 'it')) {
    for (const [name, text] of entriesOf(entries, `its section ${section}`)) {
      const key = `${section}.${name}`
      if (typeof text !== 'string') throw new Error(`its ${key} is no text`)
      const wrong = text.match(/\{\{(?!\w+\}\})[^}]*\}?\}?|\$t\(/)?.[0]
      if (wrong !== undefined) throw new Error(`its ${key} holds ${wrong}, where only {{name}} may stand`)
      texts.set(key, text)
    }
  }
  return texts
}

/** Bytes; all texts there are have a thirtieth of it. */
const MAX_CATALOGUE = 1024 * 1024

function parsed(file: string): unknown {
  const bytes = readBounded(file, MAX_CATALOGUE)
  if (bytes === undefined) throw new Error('it is larger than 1 MiB')
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Error('it is no JSON')
  }
}

function entriesOf(value: unknown, what: string): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
  throw new Error(`${what} is no JSON object`)
}

/** Names of the values that a text asks for. */
export const placeholdersOf = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name)

export interface Misfits {
  /** Keys that nothing asks for. */
  readonly unknown: readonly string[]
  /** What asks for values that nobody gives it: `wait.minutes: {{minutes}}`. */
  readonly ungiven: readonly string[]
}

/** How a catalogue goes beyond the one it is measured by. What it lacks is no fault: that comes from there. */
export function misfitsOf(catalogue: Catalogue, reference: Catalogue): Misfits {
  const given = new Map<string, string[]>()
  for (const [key, text] of reference) {
    const name = withoutForm(key)
    // Where there are forms, a number chooses among them.
    const count = name === key ? [] : ['count']
    given.set(name, [...(given.get(name) ?? []), ...count, ...placeholdersOf(text)])
  }
  const known = ([key]: [string, string]): boolean => given.has(withoutForm(key))
  return {
    unknown: [...catalogue].filter((entry) => !known(entry)).map(([key]) => key),
    ungiven: [...catalogue].filter(known).flatMap(([key, text]) => {
      const names = given.get(withoutForm(key)) ?? []
      return placeholdersOf(text)
        .filter((name) => !names.includes(name))
        .map((name) => `${key}: {{${name}}}`)
    }),
  }
}
