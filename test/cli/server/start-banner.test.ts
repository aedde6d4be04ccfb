// What `serve` tells the person who started it, as a terminal or text logs get it.
import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { makeSelfSigned } from '../../../src/certs/authority.ts'
import { latchkey } from '../../commands/run.ts'
import { furnish, SECRETS, type Tree } from '../../server/program.ts'
import { temporaryFolder } from '../../storage/temporary-folder.ts'

function serveCheck(t: TestContext, changes: Tree, prepare: (folder: string) => void = () => {}, ...args: string[]) {
  const cwd = temporaryFolder(t)
  furnish(cwd, { changes })
  prepare(cwd)
  return latchkey(['serve', '--config', 'configuration.yml', '--check', ...args], { cwd })
}

test('where it listens, what is protected and how, and that everything starts', (t) => {
  const { code, stdout, stderr } = serveCheck(t, { log: { format: 'text' } })
  assert.equal(code, 0)
  assert.match(stdout, /^Everything starts\.$/m)
  assert.match(stderr, /^ {2}listens {4}http:\/\/127\.0\.0\.1:\d+$/m)
  assert.match(stderr, /^ {2}portal {5}https:\/\/auth\.example\.com\/ for example\.com$/m)
  assert.match(stderr, /public\.example\.com: open to everybody, by rule$/m)
  assert.match(stderr, /two\.example\.com: two factors, by rule$/m)
  assert.match(stderr, /everything else: deny$/m)
  assert.match(stderr, /2 may sign in, from .*users\.yml$/m)
  assert.match(stderr, /files {6}are watched/)
  for (const secret of Object.values(SECRETS)) assert.ok(!(stdout + stderr).includes(secret))
})

test('what is unsafe, each with what to do about it', (t) => {
  const { stderr } = serveCheck(t, {
    log: { format: 'text' },
    server: { trusted_proxies: undefined },
    access_control: { default_policy: 'bypass' },
    session: { secret: 'short' },
  })
  assert.match(stderr, /unsafe {5}server has no trusted_proxies.*\n {13}→ List the addresses/)
  assert.match(stderr, /unsafe {5}session\.secret is short.*\n {13}→ Use 64 random characters/)
  assert.match(stderr, /unsafe {5}every user of this machine may read.*\n {13}→ chmod o-rwx .*configuration\.yml/)
  // Told once, not as a warning as well.
  assert.equal(stderr.match(/trusted_proxies:/g)?.length, 1)
})

test('a certificate that ends soon, and one of our own', async (t) => {
  const pem = await makeSelfSigned({ dns: ['x.test'] }, { now: Date.now() - 18 * 86_400_000, days: 20 })
  const soon = serveCheck(
    t,
    { log: { format: 'text' }, server: { tls: { key: 'k.pem', certificate: 'c.pem' } } },
    (folder) => {
      writeFileSync(join(folder, 'k.pem'), pem.privateKey)
      writeFileSync(join(folder, 'c.pem'), pem.certificate)
      chmodSync(join(folder, 'k.pem'), 0o600)
    },
  )
  assert.match(
    soon.stderr,
    /unsafe {5}the certificate ends on .*: renew it \(c\.pem\)\n {13}→ The new one is taken over/,
  )
  assert.match(soon.stderr, /listens {4}https:/)
  const own = serveCheck(t, { log: { format: 'text' } }, undefined, '--self-signed', '--no-watch')
  assert.match(own.stderr, /the certificate is self-signed/)
  assert.match(own.stderr, /are not watched/)
})

test('logs in JSON that go into a pipe are spared it', (t) => {
  const { stderr } = serveCheck(t, {})
  assert.doesNotMatch(stderr, /protects|unsafe/)
})
