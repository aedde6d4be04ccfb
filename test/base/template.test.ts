import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileTemplate, type Scope } from '../../src/base/template.ts'
import { escapeHtml, Html } from '../../src/portal/view/html.ts'

function render(source: string, scope: Scope, more: Record<string, string> = {}, texts: Record<string, string> = {}) {
  const parts: Record<string, string> = { page: source, ...more }
  const sources = { part: (name: string) => parts[name], text: (key: string) => texts[key], escape: escapeHtml }
  return compileTemplate('page', sources)(scope)
}

test('BRW-04 every value is escaped for content and quoted attributes alike', () => {
  assert.equal(
    render('<a title="{{x}}">{{x}}</a>', { x: `<script>"'&` }),
    '<a title="&lt;script&gt;&quot;&#39;&amp;">&lt;script&gt;&quot;&#39;&amp;</a>',
  )
})

test('INJ-06 what a value says is never read as a template', () => {
  assert.equal(render('{{x}}', { x: '{{y}} <%= y %> {{#y}}', y: 'secret' }), '{{y}} &lt;%= y %&gt; {{#y}}')
})

test('an Html value is put in as it is', () => {
  assert.equal(render('{{x}}', { x: new Html('<b>') }), '<b>')
})

test('sections show lists, objects, true and text; not empty ones', () => {
  assert.equal(render('{{#x}}[{{n}}]{{/x}}', { x: [{ n: 1 }, { n: 2 }] }), '[1][2]')
  assert.equal(render('{{#x}}{{n}}{{/x}}', { x: { n: 'a' } }), 'a')
  assert.equal(render('{{#x}}yes{{/x}}', { x: true }), 'yes')
  for (const x of [undefined, false, '', []]) assert.equal(render('{{#x}}yes{{/x}}{{^x}}no{{/x}}', { x }), 'no')
})

test('inside of a section the outer values are still there', () => {
  assert.equal(render('{{#x}}{{n}}{{o}}{{/x}}', { o: '!', x: [{ n: 1 }] }), '1!')
})

test('parts and texts are put in place, and texts may hold values', () => {
  assert.equal(
    render('{{>head}}{{t a.b}}', { who: '<you>' }, { head: '<h1>' }, { 'a.b': 'It’s <b> & {{who}}' }),
    '<h1>It’s &lt;b&gt; &amp; &lt;you&gt;',
  )
})

test('a tag of its own line leaves no empty line behind', () => {
  assert.equal(render('a\n{{#x}}\nb\n{{/x}}\nc\n', { x: true }), 'a\nb\nc\n')
})

test('INJ-01 names of Object.prototype are no values', () => {
  for (const name of ['constructor', '__proto__', 'toString'])
    assert.throws(() => render(`{{${name}}}`, {}), /wasn't given/)
})

test('a name that was not given, and a tag that is wrong, are bugs and throw', () => {
  assert.throws(() => render('{{x}}', {}), /page: x wasn't given/)
  assert.throws(() => render('{{#x}}', { x: true }), /isn't closed/)
  assert.throws(() => render('{{#x}}{{/y}}', { x: true }), /closes nothing/)
  assert.throws(() => render('{{>none}}', {}), /no part none/)
  assert.throws(() => render('{{t none}}', {}), /no text none/)
  assert.throws(() => render('{{x y}}', {}), /isn't a tag/)
  assert.throws(() => render('{{>page}}', {}), /includes itself/)
  assert.throws(() => render('{{x}}', { x: [] }), /can't be shown/)
  assert.throws(() => render('{{t a}}', {}, {}, { a: '{{#x}}{{/x}}' }), /sections don't belong/)
})
