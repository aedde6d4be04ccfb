// Duo with everything real but Duo: the program, its configuration, a certificate that it trusts, and a gate that lets in who has approved.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { latchkey } from '../commands/run.ts'
import { KEYS, openFakeDuo, phone } from '../login/duo/fake-duo.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { cookiesOf, start } from './program.ts'

test('from a password to two factors by a push; keys changed in the file count at once, and are never shown', async (t) => {
  const duo = await openFakeDuo(Date.now, 'localhost')
  t.after(() => duo.close())
  duo.enrolled('alice', phone('D1'))
  const folder = temporaryFolder(t)
  const authority = join(folder, 'duo.pem')
  writeFileSync(authority, duo.certificate)
  const keys = { hostname: duo.hostname, integration_key: KEYS.integrationKey, secret_key: KEYS.secretKey }
  const env = { NODE_EXTRA_CA_CERTS: authority }
  const program = await start(t, { folder, env, changes: { duo_api: keys } })

  const level1 = await program.signIn('alice')
  assert.notEqual((await program.gate('two.example.com', { Cookie: level1 })).status, 200)
  const asked = program.api('/api/secondfactor/duo', { targetURL: 'https://two.example.com/' }, level1)
  await duo.pushed()
  duo.decide('allow', 'allow')
  const approved = await asked
  assert.deepEqual([approved.status, JSON.parse(approved.body).data], [200, { redirect: 'https://two.example.com/' }])
  assert.equal((await program.gate('two.example.com', { Cookie: cookiesOf(approved) })).status, 200)
  assert.deepEqual(duo.refused, [])
  assert.equal(duo.asked.find(({ params }) => params['factor'])?.params['ipaddr'], '203.0.113.7')

  const shown = latchkey(['config', 'show', 'duo_api', '--config', 'configuration.yml'], { cwd: folder })
  assert.match(shown.stdout, /secret_key.*\*{8}/)
  const wrong = program.read('configuration.yml').replace(KEYS.secretKey, 'another-key-than-duo-knows')
  program.write('configuration.yml', wrong)
  await program.logged(/^reloaded$/)
  const refused = await program.api('/api/secondfactor/duo', {}, await program.signIn('alice'))
  assert.equal(refused.status, 401)
  const line = await program.logged(/^Duo could not be asked/)
  assert.equal(line['reason'], 'status 401, error 40103')
  const said = program.stdout + program.stderr + shown.stdout
  for (const secret of [KEYS.secretKey, 'another-key-than-duo-knows']) assert.ok(!said.includes(secret))
})

test('a Duo whose certificate nobody vouches for is none', async (t) => {
  const duo = await openFakeDuo(Date.now, 'localhost')
  t.after(() => duo.close())
  duo.users.set('alice', { result: 'allow' })
  const keys = { hostname: duo.hostname, integration_key: KEYS.integrationKey, secret_key: KEYS.secretKey }
  const program = await start(t, { changes: { duo_api: keys } })
  const cookie = await program.signIn('alice')
  assert.equal((await program.api('/api/secondfactor/duo', {}, cookie)).status, 401)
  assert.match(String((await program.logged(/^Duo could not be asked/))['reason']), /SELF_SIGNED|UNABLE_TO/)
  assert.equal(JSON.parse((await program.api('/api/state', undefined, cookie)).body).data.authentication_level, 1)
  assert.equal(duo.asked.length, 0)
})
