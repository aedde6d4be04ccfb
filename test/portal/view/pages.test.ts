import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { TEMPLATES } from '../../../src/portal/view/texts.ts'

const templates = globSync('portal/*.html', { cwd: TEMPLATES }).map((file) => ({
  name: basename(file, '.html'),
  source: readFileSync(join(TEMPLATES, file), 'utf8'),
}))
test('BRW-04 values stand in text or in quoted attributes only', () => {
  for (const { name, source } of templates) {
    const quoted = source.replace(/"[^"]*"/g, '""')
    assert.doesNotMatch(quoted, /=\s*\{\{[^#^/]/, `${name}: an attribute without quotes`)
    assert.doesNotMatch(source, /<(?:script|style)[^>]*>[^<]/i, `${name}: an inline script or style`)
    assert.doesNotMatch(source, /\s(?:on\w+|style|srcdoc)=/i, `${name}: an inline handler or style`)
  }
})

test('BRW-11 nothing on a page comes from elsewhere', () => {
  const files = globSync('portal/**/*.{html,css,js,svg}', { cwd: TEMPLATES })
  assert.ok(files.length > 15)
  for (const file of files) {
    const source = readFileSync(join(TEMPLATES, file), 'utf8').replaceAll('http://www.w3.org/2000/svg', '')
    assert.doesNotMatch(source, /(?:https?:)?\/\/[a-z0-9-]+\.[a-z]/i, file)
  }
})

const SCRIPTS = ['portal.js', 'choose-password.js', 'webauthn.js'].map((name) =>
  readFileSync(join(TEMPLATES, 'portal/static', name), 'utf8'),
)

test('BRW-04 the scripts make no HTML from strings', () => {
  for (const script of SCRIPTS)
    assert.doesNotMatch(script, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval|new Function|location\s*=/)
})

test('BRW-10 the scripts store nothing', () => {
  for (const script of SCRIPTS) assert.doesNotMatch(script, /localStorage|sessionStorage|indexedDB|document\.cookie/)
})
