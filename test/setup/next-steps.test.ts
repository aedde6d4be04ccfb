import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { nextSteps, obstacles } from '../../src/setup/next-steps.ts'
import type { ProxyName } from '../../src/setup/proxy-name.ts'
import { answersFrom } from '../../src/setup/questions.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'

const answersIn = (folder: string, proxy: ProxyName | 'none') =>
  answersFrom(
    {
      domain: 'example.com',
      portal: 'auth',
      app: 'wiki=http://127.0.0.1:3000',
      proxy,
      user: 'alice',
      'display-name': 'Alice',
      email: 'a@b.c',
      'second-factor': 'no',
    },
    { folder, password: 'p', listen: '127.0.0.1:9091', trustedProxies: [], port: 8443 },
  )

test('the last steps are to make the authority known and to open an application', () => {
  const steps = nextSteps(answersIn("/it's", 'none'), [])
  assert.deepEqual(steps, [
    "latchkey serve --config '/it'\\''s/config'",
    "latchkey cert trust '/it'\\''s/tls/ca.crt'",
    'open https://wiki.example.com:8443/',
  ])
})

test('a proxy that reads the key as a user of its own has to get to it', (t) => {
  const above = temporaryFolder(t)
  const folder = join(above, 'latchkey')
  mkdirSync(folder)
  chmodSync(above, 0o700)
  assert.match(
    obstacles(answersIn(folder, 'caddy'), [])[0] ?? '',
    /^The user caddy can't get through \S+ to the certificate/,
  )
  // As root they get everywhere.
  assert.deepEqual(obstacles(answersIn(folder, 'nginx'), []), [])
  assert.deepEqual(obstacles(answersIn(folder, 'none'), []), [])
  chmodSync(above, 0o711)
  assert.deepEqual(obstacles(answersIn(folder, 'caddy'), []), [])
})

test('a file of the proxy that is there already is named before it is replaced', (t) => {
  const folder = temporaryFolder(t)
  const files = ['hosts-there', 'not-there'].map((name) => ({ path: name, goesTo: join(folder, name), text: '' }))
  assert.deepEqual(obstacles(answersIn('/', 'none'), files), [])
  writeFileSync(join(folder, 'hosts-there'), '')
  assert.deepEqual(obstacles(answersIn('/', 'none'), files), [
    `There is already ${join(folder, 'hosts-there')}, which is replaced by what follows: keep what you need of it.`,
  ])
})
