import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith, errorsWith, warningsWith } from '../loading.ts'

const ASSETS = { server: { asset_path: 'assets' } }
const withOwn = (name: string, text: string) => ({ files: { [`assets/locales/${name}`]: text } })

test('the language must be one that there are texts in', () => {
  assert.equal(configWith({}).language, 'en')
  assert.equal(configWith({ language: 'de' }).language, 'de')
  assert.equal(configWith({}, { env: { LATCHKEY_LANGUAGE: 'de' } }).language, 'de')
  for (const language of ['fr', 'DE', '../en']) assert.deepEqual(errorsWith({ language }), ['wrong-value language'])
  const own = withOwn('fr.json', '{"sign-in": {"heading": "Connexion"}}')
  assert.equal(configWith({ ...ASSETS, language: 'fr' }, own).language, 'fr')
})

test('an operator’s own texts are judged', () => {
  const errors = (text: string): string[] => errorsWith(ASSETS, withOwn('de.json', text))
  assert.deepEqual(errors('{"site": {"name": "Haus"}}'), [])
  for (const text of ['{', '[]', '{"site": "Haus"}', '{"site": {"name": 1}}', '{"site": {"name": "{{user}}"}}'])
    assert.deepEqual(errors(text), ['wrong-translation server.asset_path'], text)
  assert.deepEqual(warningsWith(ASSETS, withOwn('de.json', '{"site": {"nmae": "Haus"}}')), [
    'unknown-text server.asset_path',
  ])
})

test('what Authelia’s users have there disturbs nobody', () => {
  const authelia = withOwn('de/portal.json', '{"Sign in": "Anmelden"}')
  assert.deepEqual(errorsWith(ASSETS, authelia), [])
})
