// The catalogues that come with Latchkey: complete, alike, and nothing in them that nothing asks for.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import {
  CATALOGUES,
  type Catalogue,
  languagesIn,
  misfitsOf,
  placeholdersOf,
  REFERENCE,
  readCatalogue,
  withoutForm,
} from '../../src/i18n/catalogue.ts'

const root = join(import.meta.dirname, '../..')
const sourceOf = (pattern: string): string =>
  globSync(pattern, { cwd: root })
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
const CODE = sourceOf('src/{portal,notify,login}/**/*.ts')
const TEMPLATES = sourceOf('templates/{portal,email}/**/*.{html,txt}')
const PAGES = globSync('templates/portal/*.html', { cwd: root }).map((file) => basename(file, '.html'))

const languages = languagesIn(CATALOGUES)
const catalogues = new Map(
  languages.map((name): [string, Catalogue] => [name, readCatalogue(join(CATALOGUES, `${name}.json`))]),
)
const english = catalogues.get(REFERENCE) as Catalogue
/** As code asks for them. */
const keysOf = (catalogue: Catalogue): Set<string> => new Set([...catalogue.keys()].map(withoutForm))
const formsOf = (language: string): string[] => new Intl.PluralRules(language).resolvedOptions().pluralCategories
const withForms = (key: string): boolean => english.has(`${key}_other`)

test('there are English and German', () => {
  assert.ok(languages.includes('en') && languages.includes('de'))
  assert.ok(english.size > 100)
})

for (const [language, catalogue] of catalogues) {
  test(`${language}: nothing is missing, nothing is too much`, () => {
    const wanted = [...keysOf(english)].flatMap((key) =>
      withForms(key) ? formsOf(language).map((form) => `${key}_${form}`) : [key],
    )
    assert.deepEqual(
      wanted.filter((key) => !catalogue.has(key)),
      [],
      'missing',
    )
    assert.deepEqual(
      [...catalogue.keys()].filter((key) => !wanted.includes(key)),
      [],
      'too much',
    )
  })

  test(`${language}: each text asks for the same values as the English one`, () => {
    assert.deepEqual(misfitsOf(catalogue, english), { unknown: [], ungiven: [] })
    for (const [key, text] of catalogue) {
      const model = english.get(key) ?? english.get(`${withoutForm(key)}_other`) ?? ''
      // "a minute" needs no number.
      const wanted = new Set(
        placeholdersOf(model).filter((name) => name !== 'count' || !/_(?:zero|one|two)$/.test(key)),
      )
      const given = new Set(placeholdersOf(text))
      assert.deepEqual(
        [...wanted].filter((name) => !given.has(name)),
        [],
        key,
      )
    }
  })

  test(`${language}: texts are texts, in the quotation marks of their language`, () => {
    for (const [key, text] of catalogue) {
      assert.equal(text, text.trim(), key)
      assert.notEqual(text, '', key)
      assert.doesNotMatch(text, /["'`<>]|\.\.\.| {2}/, `${key}: ${text}`)
      if (language === 'de') assert.doesNotMatch(text, /”|“(?=\p{L})/u, `${key}: ${text}`)
    }
  })
}

test('de: Sie, not du', () => {
  for (const [key, text] of catalogues.get('de') as Catalogue)
    assert.doesNotMatch(text, /\b(?:du|dir|dich|dein\w*|euch|euer)\b/i, `${key}: ${text}`)
})

/** Keys that code puts together: `message.${name}-hint` as a pattern whose groups are words that code knows. */
const COMPOSED = [...CODE.matchAll(/`([a-z.-]*\$\{[^`\s]*)`/g)]
  .map(([, pattern = '']) =>
    pattern
      .split(/\$\{[^}]*\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('([a-z0-9-]+)'),
  )
  .filter((pattern) => /[a-z]\\\.|\\\.[a-z]/.test(pattern.replaceAll('([a-z0-9-]+)', '')))
  .map((pattern) => new RegExp(`^${pattern}$`))
const isWord = (word: string): boolean =>
  CODE.includes(`'${word}'`) || PAGES.includes(word) || CODE.includes(`  ${word}:`)

test('each text is asked for, by a template or by code', () => {
  const isUsed = (key: string): boolean =>
    TEMPLATES.includes(`{{t ${key}}}`) ||
    CODE.includes(`'${key}'`) ||
    COMPOSED.some((pattern) => pattern.exec(key)?.slice(1).every(isWord))
  assert.deepEqual(
    [...keysOf(english)].filter((key) => !isUsed(key)),
    [],
  )
})

test('each text that is asked for is there', () => {
  const sections = new Set([...english.keys()].map((key) => key.split('.')[0]))
  const inTemplates = [...TEMPLATES.matchAll(/\{\{t ([^}]+)\}\}/g)].map(([, key = '']) => key)
  // `text(request, 'a.b')`, and wherever else a literal looks like a key.
  const inCalls = [...CODE.matchAll(/\btext\(([^()]*)\)/g)].flatMap(([, args = '']) =>
    [...args.matchAll(/'([a-z-]+\.[a-z0-9-]+)'/g)].map(([, key = '']) => key),
  )
  const elsewhere = [...CODE.matchAll(/'([a-z-]+)\.([a-z0-9-]+)'/g)]
    .filter(([, section]) => sections.has(section))
    .map(([literal]) => literal.slice(1, -1))
  const asked = new Set([...inTemplates, ...inCalls, ...elsewhere])
  assert.ok(asked.size > 70)
  assert.deepEqual(
    [...asked].filter((key) => !keysOf(english).has(key)),
    [],
  )
  // A template has no number at hand to choose a form by.
  assert.deepEqual(inTemplates.filter(withForms), [])
})
