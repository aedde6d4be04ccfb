import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Fault } from '../../src/base/fault.ts'
import { loadLanguages } from '../../src/i18n/languages.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

/** A folder of assets with these texts. */
function assets(t: TestContext, files: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'locales'))
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    mkdirSync(join(folder, 'locales', name, '..'), { recursive: true })
    writeFileSync(join(folder, 'locales', name), text)
  }
  return folder
}

const refused = (options: Parameters<typeof loadLanguages>[0], message: RegExp): void => {
  assert.throws(
    () => loadLanguages(options),
    (error: unknown) => error instanceof Fault && error.code === 'portal-template' && message.test(error.message),
  )
}

test('a text comes in its language, with its values', () => {
  const languages = loadLanguages()
  assert.equal(languages.textsOf('en').text('common.signed-in-as', { username: 'alice' }), 'Signed in as alice.')
  assert.equal(languages.textsOf('de').text('common.signed-in-as', { username: 'alice' }), 'Angemeldet als alice.')
  assert.equal(languages.textsOf('de').source('common.signed-in-as'), 'Angemeldet als {{username}}.')
})

test('a number chooses the form', () => {
  const { text } = loadLanguages().textsOf('de')
  assert.equal(text('wait.minutes', { count: 1 }), 'einer Minute')
  assert.equal(text('wait.minutes', { count: 7 }), '7 Minuten')
})

test('INJ-06 what a value says is never read as a text, a name or an option', () => {
  const { text } = loadLanguages().textsOf('en')
  for (const username of ['{{password}}', '$t(site.name)', '{{- x}}', '$&', '$1', '<b>', '\\', ''])
    assert.equal(text('common.signed-in-as', { username }), `Signed in as ${username}.`)
  const options = { lng: 'de', context: 'x', ns: 'y', defaultValue: 'z', returnObjects: 1, username: 'a' }
  assert.equal(text('common.signed-in-as', options), 'Signed in as a.')
})

test('a key or a value that is not there is a bug and throws', () => {
  const { text, source } = loadLanguages().textsOf('de')
  assert.throws(() => text('none.at-all'), /no text none.at-all/)
  assert.throws(() => text('wait.minutes'), /no text wait.minutes/)
  assert.throws(() => text('common.signed-in-as'), /wasn't given \{\{username\}\}/)
  assert.throws(() => text('__proto__'), /no text/)
  assert.equal(source('none.at-all'), undefined)
  assert.equal(source('constructor'), undefined)
})

test('the configured language comes first, and stands in for those that are not there', () => {
  const languages = loadLanguages({ standard: 'de' })
  assert.equal(languages.names[0], 'de')
  for (const name of ['xx', '', '../../etc/passwd', '__proto__', 'DE'])
    assert.equal(languages.textsOf(name).language, 'de', name)
  refused({ standard: 'xx' }, /no texts in the configured language xx/)
})

test('an operator’s own texts stand in for ours, and make languages of their own', (t) => {
  const assetPath = assets(t, {
    'en.json': { 'sign-in': { heading: 'Welcome home' } },
    'pt-BR.json': { 'sign-in': { heading: 'Entrar' } },
    // What Authelia's users have there, and what editors leave, is nobody's business.
    'de/portal.json': { 'Sign in': 'Anmelden' },
    'en.json~': 'nonsense',
  })
  const languages = loadLanguages({ assetPath, standard: 'pt-BR' })
  assert.deepEqual(languages.names, ['pt-BR', 'de', 'en'])
  const heading = (name: string): string => languages.textsOf(name).text('sign-in.heading')
  assert.deepEqual(languages.names.map(heading), ['Entrar', 'Anmelden', 'Welcome home'])
  // What a language lacks is English, as the operator says it.
  assert.equal(languages.textsOf('pt-BR').text('sign-in.submit'), 'Sign in')
  assert.equal(languages.textsOf('pt-BR').source('sign-in.heading'), 'Entrar')
  assert.equal(languages.textsOf('pt-BR').source('sign-in.submit'), 'Sign in')
})

test('texts that can not be used are a fault that names the file', (t) => {
  const broken = (content: unknown): { assetPath: string } => ({ assetPath: assets(t, { 'de.json': content }) })
  refused(broken('{'), /de\.json can't be used: it is no JSON/)
  refused(broken([]), /it is no JSON object/)
  refused(broken({ site: 'x' }), /its section site is no JSON object/)
  refused(broken({ site: { name: 1 } }), /its site.name is no text/)
  refused(broken({ site: { name: '{{other}}' } }), /nobody gives it what it asks for in site.name: \{\{other\}\}/)
  refused(broken({ site: { name: '{{- name}}' } }), /site.name holds \{\{- name\}\}/)
  refused(broken({ site: { name: '{{name' } }), /site.name holds/)
  refused(broken({ site: { name: '$t(x)' } }), /site.name holds \$t\(/)
})

test('texts that a running program can not serve are told', (t) => {
  const languages = loadLanguages()
  assert.equal(languages.misfitTo(languages), undefined)
  const older = { ...languages, reference: new Map([...languages.reference, ['gone.text', 'x']]) }
  assert.equal(languages.misfitTo(older), 'there is no text gone.text')
  const simpler = { ...languages, reference: new Map([...languages.reference, ['common.signed-in-as', 'Signed in.']]) }
  assert.match(String(languages.misfitTo(simpler)), /common.signed-in-as: \{\{username\}\}$/)
  assert.equal(loadLanguages({ assetPath: assets(t, { 'fr.json': {} }) }).misfitTo(languages), undefined)
})
