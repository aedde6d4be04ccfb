// The catalogue of texts that people read, one JSON file a language; keys are dotted: `sign-in.title`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../../base/package-folder.ts'

export const TEMPLATES = join(packageFolder(), 'templates')

/** Absolute; what is in them is read anew with each configuration. */
export const TEMPLATE_FOLDERS: readonly string[] = ['portal', 'portal/static', 'locales'].map((name) =>
  join(TEMPLATES, name),
)

export type Texts = ReadonlyMap<string, string>

export function loadTexts(language: string): Texts {
  const file = join(TEMPLATES, 'locales', `${language}.json`)
  const sections = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string>>
  return new Map(
    Object.entries(sections).flatMap(([section, texts]) =>
      Object.entries(texts).map(([key, text]): [string, string] => [`${section}.${key}`, text]),
    ),
  )
}
