// What people do at the portal's pages before what a test is about: show afresh who they are, set up one-time codes.
import assert from 'node:assert/strict'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import type { Mail } from '../../src/notify/mailer.ts'
import type { Client, Lab } from './lab.ts'

/** Of somebody who has just proven who he is. */
export async function setUp(lab: Lab, client: Client): Promise<void> {
  const { body } = await client.get('/register/one-time-code')
  const secret = decodeTotpSecret(/id="secret">([^<]*)</.exec(body)?.[1]?.replaceAll(' ', '') ?? '')
  assert.ok(secret, 'a secret is shown')
  const code = codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(lab.clock.now(), 30))
  assert.equal((await client.post('/register/one-time-code/confirm', { code })).status, 303)
}

/** By a code that is mailed, as it takes to change an account that has an address. */
export async function proveAfresh(lab: Lab, client: Client): Promise<void> {
  assert.equal((await client.post('/confirm', { for: '/account', send: 'yes' })).status, 303)
  const { code } = (lab.mails.findLast(({ name }) => name === 'one-time-code') as Mail<'one-time-code'>).values
  const proven = await client.post('/confirm', { for: '/account', code })
  assert.deepEqual([proven.status, proven.headers.location], [303, '/account'])
}

/** A passkey that nobody can use, only look at; one whose name begins with `Blue` was perhaps copied. */
export async function addPasskey(
  lab: Lab,
  username: string,
  description: string,
  rpId = 'auth.example.com',
): Promise<void> {
  const known = {
    attestationType: 'None',
    attestationFormat: 'none',
    attachment: 'platform',
    transports: ['internal'],
    aaguid: '',
    signCount: 0,
    cloneWarning: description.startsWith('Blue'),
    legacy: false,
    discoverable: true,
    present: true,
    verified: true,
    backupEligible: false,
    backupState: false,
    createdAt: lab.clock.now() - 86_400_000,
    lastUsedAt: undefined,
  }
  const key = { publicKey: Uint8Array.of(1), attestation: new Uint8Array() }
  const kid = Buffer.from(`${username} ${description}`).toString('base64url')
  const added = { ...known, ...key, kid, rpId, username, description }
  assert.equal(await lab.webauthn.add(added, 10), 'added')
}
