// What the account page tells of sign-ins, with the whole program: each way of proving who one is, right and wrong, with what it was done from.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeOfStep, timeStep } from '../../src/login/totp-code.ts'
import { decodeTotpSecret } from '../../src/login/totp-registration.ts'
import { latchkey } from '../commands/run.ts'
import { Authenticator } from '../login/authenticator.ts'
import { KEYS, openFakeDuo, phone } from '../login/duo/fake-duo.ts'
import { type Answer, Client } from '../portal/lab.ts'
import { temporaryFolder } from '../storage/temporary-folder.ts'
import { PASSWORD, start } from './program.ts'

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0'
const JSON_FROM_PAGE = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' }

/** What each line says: the proof, what came of it, network, place and device; newest first. */
const rowsOf = (body: string): string[] =>
  [...body.matchAll(/<p class="row-name">(.*?)<\/p>\n<p class="hint">(.*?)<\/p>/g)].map(([, what = '', where = '']) => {
    const words = `${what}${where.replace(/<time.*?<\/time>/, '')}`
    return words.replaceAll(/<[^>]*>/g, '')
  })

test('recent sign-ins have every proof, right or wrong, with the network, the place and the browser', async (t) => {
  const duo = await openFakeDuo(Date.now, 'localhost')
  t.after(() => duo.close())
  duo.enrolled('alice', phone('D1'))
  const folder = temporaryFolder(t)
  const authority = join(folder, 'duo.pem')
  writeFileSync(authority, duo.certificate)
  const program = await start(t, {
    folder,
    env: { NODE_EXTRA_CA_CERTS: authority },
    changes: {
      duo_api: { hostname: duo.hostname, integration_key: KEYS.integrationKey, secret_key: KEYS.secretKey },
      webauthn: { enable_passkey_login: true },
      identity_validation: { elevated_session: { skip_second_factor: true } },
      regulation: { max_retries: 10 },
    },
  })
  const made = latchkey(['user', 'recovery-codes', 'alice', '--json'], { cwd: folder })
  const [recoveryCode = ''] = (JSON.parse(made.stdout) as { codes: string[] }).codes
  const args = ['storage', 'user', 'totp', 'generate', 'alice', '--secret', SECRET]
  assert.equal(latchkey(args, { cwd: folder }).code, 0)

  const agent = { 'user-agent': FIREFOX }
  const post = async (
    client: Client,
    path: string,
    fields: Record<string, string>,
    status: number,
  ): Promise<Answer> => {
    const answer = await client.post(path, fields, agent)
    assert.equal(answer.status, status, `${path} ${answer.body}`)
    return answer
  }
  const way = { rd: 'https://two.example.com/some/page', rm: 'GET' }
  const withPassword = async (): Promise<Client> => {
    const client = new Client(program.port)
    await post(client, '/', { username: 'alice', password: PASSWORD }, 303)
    return client
  }
  const optionsOf = ({ body }: Answer) => JSON.parse(body).data.publicKey

  await post(new Client(program.port), '/', { username: 'alice', password: 'wrong', ...way }, 401)
  const here = await withPassword()
  const secret = decodeTotpSecret(SECRET) as Uint8Array
  const code = codeOfStep({ secret, algorithm: 'SHA1', digits: 6, period: 30 }, timeStep(Date.now(), 30))
  const wrongCode = code === '000000' ? '000001' : '000000'
  await post(here, '/2fa/one-time-password', { code: wrongCode }, 403)
  await post(here, '/2fa/one-time-password', { code }, 303)

  const asked = JSON.stringify({ description: 'Phone' })
  const begun = await here.send('PUT', '/api/secondfactor/webauthn/credential/register', JSON_FROM_PAGE, asked)
  const authenticator = new Authenticator('https://auth.example.com')
  const created = JSON.stringify(authenticator.create(optionsOf(begun)))
  await post(here, '/register/passkey', { response: created }, 303)

  for (const [flipSignature, status] of [
    [true, 403],
    [false, 303],
  ] as const) {
    const client = await withPassword()
    const options = optionsOf(await client.get('/api/secondfactor/webauthn'))
    const response = JSON.stringify(authenticator.get(options, { flipSignature }))
    await post(client, '/2fa/webauthn', { response }, status)
  }
  for (const [flipSignature, status] of [
    [true, 403],
    [false, 303],
  ] as const) {
    const client = new Client(program.port)
    const options = optionsOf(await client.get('/api/firstfactor/passkey'))
    const response = JSON.stringify(authenticator.get(options, { flipSignature }))
    await post(client, '/passkey', { response, ...way }, status)
  }
  const lost = await withPassword()
  await post(lost, '/2fa/recovery-code', { code: 'AAAA-AAAA-AAAA' }, 403)
  await post(lost, '/2fa/recovery-code', { code: recoveryCode }, 303)
  const pushed = await withPassword()
  for (const [decision, status] of [
    ['deny', 403],
    ['allow', 303],
  ] as const) {
    await post(pushed, '/2fa/push-notification', way, 303)
    await duo.pushed()
    duo.decide(decision, decision)
    let waited: Answer
    do waited = await pushed.get('/2fa/push-notification/wait', agent)
    while (waited.status === 200)
    assert.equal(waited.status, status)
  }

  const { body } = await here.get('/account/activity')
  const expected = (what: string, place = ''): string => `${what} · 203.0.113.0/24${place} · Firefox on Windows`
  const towards = ' · two.example.com'
  assert.deepEqual(rowsOf(body), [
    expected('Duo push worked'),
    expected('Duo push failed', towards),
    expected('Password worked'),
    expected('Recovery code worked'),
    expected('Recovery code failed'),
    expected('Password worked'),
    expected('Passkey worked', towards),
    expected('Passkey failed', towards),
    expected('Security key or passkey worked'),
    expected('Password worked'),
    expected('Security key or passkey failed'),
    expected('Password worked'),
    expected('One-time code worked'),
    expected('One-time code failed'),
    expected('Password worked'),
    expected('Password failed', towards),
  ])
  assert.equal(body.match(/<time datetime="[^"]+" title="[^"]+">/g)?.length, 16)
})
