import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { loadStaticFiles } from '../../../src/portal/view/static-files.ts'
import { openLab } from '../lab.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-assets-'))
const lab = await openLab()
after(async () => {
  rmSync(folder, { recursive: true })
  await lab.close()
})

test('files are named by their content, and change their name with it', () => {
  const files = loadStaticFiles(undefined)
  assert.match(files.address('portal.css') ?? '', /^\/static\/portal\.[0-9a-f]{10}\.css$/)
  assert.equal(files.address('logo.png'), undefined)
  writeFileSync(join(folder, 'logo.png'), 'one')
  const one = loadStaticFiles(folder).address('logo.png')
  writeFileSync(join(folder, 'logo.png'), 'two')
  assert.notEqual(loadStaticFiles(folder).address('logo.png'), one)
})

test('BRW-08 a named file is kept by browsers for good, and says what it is', async () => {
  const files = loadStaticFiles(undefined)
  for (const [name, type] of [
    ['portal.css', 'text/css; charset=utf-8'],
    ['portal.js', 'text/javascript; charset=utf-8'],
    ['favicon.svg', 'image/svg+xml; charset=utf-8'],
  ] as const) {
    const { status, headers } = await lab.client().get(files.address(name) ?? '')
    assert.equal(status, 200)
    assert.equal(headers['content-type'], type)
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
    assert.equal(headers['pragma'], undefined)
  }
})

test('it is compressed as the browser asks, and only then', async () => {
  const address = loadStaticFiles(undefined).address('portal.css') ?? ''
  const plain = await lab.client().get(address)
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(plain.headers.vary, 'Accept-Encoding')
  const asked = async (accepted: string) => (await lab.client().get(address, { 'accept-encoding': accepted })).headers
  assert.equal((await asked('gzip, deflate, br'))['content-encoding'], 'br')
  assert.equal((await asked('gzip'))['content-encoding'], 'gzip')
  assert.equal((await asked('br;q=0, gzip'))['content-encoding'], 'gzip')
  assert.equal((await asked('br;q=0, gzip;q=0.0'))['content-encoding'], undefined)
  assert.equal((await asked('identity'))['content-encoding'], undefined)
})

test('what is compressed is what it was', async () => {
  const address = loadStaticFiles(undefined).address('portal.js') ?? ''
  const asked = async (accepted: string) => (await lab.client().get(address, { 'accept-encoding': accepted })).bytes
  const plain = await lab.client().get(address)
  assert.equal(brotliDecompressSync(await asked('br')).toString(), plain.body)
  assert.equal(gunzipSync(await asked('gzip')).toString(), plain.body)
})

test('INJ-09 no path leads to a file that is not on the list', async () => {
  for (const path of [
    '/static/',
    '/static/portal.css',
    '/static/../locales/en.json',
    '/static/%2e%2e/head.html',
    '/static/..%2f..%2fetc/passwd',
    '/static/..\\head.html',
    '/locales/en.json',
    '/locales/..%2f..%2fetc/passwd.json',
    '/.well-known/x',
  ]) {
    const { status, headers, body } = await lab.client().get(path)
    assert.equal(status, 404, path)
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8', path)
    assert.equal(body, '404 Not Found')
  }
})

test('the operator’s own icon and logo take the place of ours', async () => {
  writeFileSync(join(folder, 'favicon.ico'), 'icon')
  writeFileSync(join(folder, 'logo.png'), 'logo')
  const own = await openLab({ assetPath: folder })
  try {
    const page = await own.client().get('/')
    assert.match(page.body, /<link rel="icon" href="\/static\/favicon\.[0-9a-f]{10}\.ico">/)
    assert.match(page.body, /<img src="\/static\/logo\.[0-9a-f]{10}\.png" alt="Latchkey"/)
    const logo = await own.client().get('/static/media/logo.png')
    assert.equal(logo.body, 'logo')
    assert.equal(logo.headers['cache-control'], 'public, max-age=3600')
    assert.equal((await own.client().get('/favicon.ico')).body, 'icon')
  } finally {
    await own.close()
  }
})

test('the estimate of passwords is served as it was built, compressed', async () => {
  const address = loadStaticFiles(undefined).address('password-estimate.js') ?? ''
  assert.match(address, /^\/static\/password-estimate\.[0-9a-f]{10}\.js$/)
  const plain = await lab.client().get(address)
  assert.equal(plain.status, 200)
  assert.equal(plain.headers['content-type'], 'text/javascript; charset=utf-8')
  const br = await lab.client().get(address, { 'accept-encoding': 'br' })
  const gzip = await lab.client().get(address, { 'accept-encoding': 'gzip' })
  assert.ok(br.bytes.length < 800_000)
  assert.ok(brotliDecompressSync(br.bytes).equals(plain.bytes))
  assert.ok(gunzipSync(gzip.bytes).equals(plain.bytes))
})
