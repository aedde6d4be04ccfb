// Signing in to a running Latchkey with a passkey in software, by its API.
import assert from 'node:assert/strict'
import type { Authenticator } from '../login/authenticator.ts'
import { cookiesOf, type Program, type Reply } from '../server/program.ts'

const optionsOf = ({ status, body }: Reply): object => {
  assert.equal(status, 200, body)
  return (JSON.parse(body) as { data: { publicKey: object } }).data.publicKey
}
const ok = (reply: Reply): Reply => {
  assert.equal(reply.status, 200, `${reply.status} ${reply.body}`)
  return reply
}
const levelOf = async (program: Program, cookie: string): Promise<number> =>
  JSON.parse((await program.api('/api/state', undefined, cookie)).body).data.authentication_level

/** After the password. @returns the level reached */
export async function bySecondFactor(program: Program, username: string, passkey: Authenticator): Promise<number> {
  const cookie = await program.signIn(username)
  const options = optionsOf(await program.api('/api/secondfactor/webauthn', undefined, cookie))
  const reply = ok(await program.api('/api/secondfactor/webauthn', { response: passkey.get(options) }, cookie))
  return levelOf(program, cookiesOf(reply))
}

/** Instead of the password. @returns the level reached */
export async function byPasskey(program: Program, passkey: Authenticator): Promise<number> {
  const asked = await program.api('/api/firstfactor/passkey', undefined)
  const response = passkey.get(optionsOf(asked))
  const body = { response, keepMeLoggedIn: false }
  return levelOf(program, cookiesOf(ok(await program.api('/api/firstfactor/passkey', body, cookiesOf(asked)))))
}
