// Accounts made with a real Authelia, through its own CLI and API, brought over and signed in with here: by code and by passkey.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import { latchkey } from '../commands/run.ts'
import { Authenticator, SYNCED } from '../login/authenticator.ts'
import { cookiesOf, start } from '../server/program.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { byPasskey, bySecondFactor } from './passkey-sign-in.ts'
import { AUTHELIA, HOST, realAuthelia } from './real-authelia.ts'

const theirs = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.startsWith('db.sqlite3'))
      .map((name) => [name, readFileSync(join(folder, name), 'base64')]),
  )

test('what a real Authelia left comes over, once, from files that are not touched; the code and the passkeys sign in', {
  skip: AUTHELIA === undefined && 'AUTHELIA_BIN names no Authelia',
  timeout: 120_000,
}, async (t) => {
  const folder = temporaryFolder(t)
  const authelia = await realAuthelia(t, folder)
  authelia.cli('storage', 'migrate', 'up')
  const uri = /otpauth:\S*secret=([A-Z2-7]+)/.exec(authelia.cli('storage', 'user', 'totp', 'generate', 'alice'))
  authelia.cli('storage', 'user', 'identifiers', 'generate', '--users', 'alice', '--services', 'openid')
  const syncedKey = () => new Authenticator(`https://${HOST}`, SYNCED)
  const [bobs, alices] = [syncedKey(), syncedKey()]
  await authelia.start()
  await authelia.registerPasskey('bob', 'Laptop', bobs)
  await authelia.registerPasskey('alice', 'Phone', alices)
  await authelia.stop()

  const before = theirs(folder)
  const run = (...args: string[]) => latchkey([...args, '--config', 'configuration.yml'], { cwd: folder })
  const dry = run('import', 'authelia', '--dry-run')
  assert.equal(dry.code, 0, dry.stderr)
  assert.match(dry.stdout, /passkeys +alice: Phone \(auth\.example\.com\) +would come over/)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('latchkey')),
    [],
  )
  const real = run('import', 'authelia')
  assert.equal(real.code, 0, real.stderr)
  assert.match(real.stdout, /one-time-code devices: 1 came over \(alice\)/)
  assert.match(real.stdout, /passkeys: 2 came over \(bob: Laptop \(auth\.example\.com\), alice: Phone/)
  assert.match(real.stdout, /opaque identifiers: 1 came over \(alice at openid\)/)
  const again = run('import', 'authelia')
  assert.match(again.stdout, /passkeys: 0 came over\n {2}passkeys: 2 here already, kept as they are/)
  assert.deepEqual(theirs(folder), before, 'not a byte of the source has changed')

  const program = await start(t, {
    folder,
    env: { LATCHKEY_LOG_FORMAT: 'json', LATCHKEY_LOG_LEVEL: 'info', LATCHKEY_SERVER_ADDRESS: 'tcp://127.0.0.1:0/' },
  })
  const secret = decodeTotpSecret(uri?.[1] ?? '')
  assert.ok(secret)
  const token = codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(Date.now(), 30))
  const byCode = await program.api('/api/secondfactor/totp', { token }, await program.signIn('alice'))
  assert.equal(byCode.status, 200, byCode.body)
  const { body } = await program.api('/api/state', undefined, cookiesOf(byCode))
  assert.equal(JSON.parse(body).data.authentication_level, 2)

  assert.equal(await bySecondFactor(program, 'bob', bobs), 2)
  assert.ok((await byPasskey(program, alices)) >= 1)
  assert.equal(await program.stop(), 0)
})
