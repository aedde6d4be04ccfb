import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSource, Sources } from '../../../src/setup/proxy-check/source.ts'
import { temporaryFolder } from '../../storage/temporary-folder.ts'

test('a relative name is looked for where nginx would: beside, above conf.d, and where the main file lies', (t) => {
  const folder = temporaryFolder(t)
  for (const place of ['conf.d', 'snippets', 'elsewhere']) mkdirSync(join(folder, place))
  for (const [path, text] of [
    ['nginx.conf', 'http {}'],
    ['gate.conf', '# gate'],
    ['snippets/proxy.conf', '# proxy'],
    ['conf.d/latchkey.conf', 'include gate.conf;'],
    ['elsewhere/site.conf', 'include snippets/proxy.conf;'],
  ] as const)
    writeFileSync(join(folder, path), text)
  const inConf = join(folder, 'conf.d/latchkey.conf')
  const alone = new Sources([readSource(inConf)])
  assert.deepEqual(
    alone.find('gate.conf', inConf)?.map(({ path }) => path),
    [join(folder, 'gate.conf')],
  )
  assert.equal(alone.find('missing.conf', inConf), undefined)
  const withMain = new Sources([readSource(join(folder, 'nginx.conf'))])
  const far = join(folder, 'elsewhere/deeper/site.conf')
  assert.deepEqual(
    withMain.find('snippets/proxy.conf', far)?.map(({ text }) => text),
    ['# proxy'],
  )
})
