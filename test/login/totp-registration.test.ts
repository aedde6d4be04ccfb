import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeTotpSecret,
  encodeTotpSecret,
  newTotpSecret,
  otpauthUrl,
  qrSvg,
  qrTerminal,
} from '../../src/login/totp-registration.ts'

const secret = decodeTotpSecret('JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP') ?? assert.fail()

test('a new secret has the size asked for and is never the same', () => {
  assert.equal(newTotpSecret(32).length, 32)
  assert.notDeepEqual(newTotpSecret(32), newTotpSecret(32))
  assert.match(encodeTotpSecret(newTotpSecret(32)), /^[A-Z2-7]{52}$/)
})

test('a secret is written and read as base32, forgiving what people add when they type it', () => {
  assert.equal(encodeTotpSecret(Buffer.from('hell')), 'NBSWY3A')
  for (const text of ['NBSWY3A', 'NBSWY3A=', 'nbsw y3a', ' NBSW-Y3A\n']) {
    assert.equal(decodeTotpSecret(text)?.toString(), 'hell', text)
  }
  for (const text of ['', ' ', 'NBSWY30', 'A', 'ÄÄÄÄ', 'NBSWY3A!'])
    assert.equal(decodeTotpSecret(text), undefined, text)
})

test("the otpauth address is Authelia's, to the byte", () => {
  const plain = { username: 'john', issuer: 'Authelia', algorithm: 'SHA1', digits: 6, period: 30, secret } as const
  assert.equal(
    otpauthUrl(plain),
    'otpauth://totp/Authelia:john?algorithm=SHA1&digits=6&issuer=Authelia&period=30&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  )
  assert.equal(
    otpauthUrl({ ...plain, username: 'john:a/b', algorithm: 'SHA256', digits: 8, period: 60 }),
    'otpauth://totp/Authelia:john:a/b?algorithm=SHA256&digits=8&issuer=Authelia&period=60&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  )
  assert.equal(
    otpauthUrl({ ...plain, username: 'john smith+x@example.com', issuer: 'Äcme & Co, a+b=c/d?' }),
    'otpauth://totp/%C3%84cme%20&%20Co,%20a+b=c/d%3F:john%20smith+x@example.com?algorithm=SHA1&digits=6&issuer=%C3%84cme+%26+Co%2C+a%2Bb%3Dc%2Fd%3F&period=30&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
  )
})

test('an issuer or a name cannot add a parameter of its own', () => {
  const url = otpauthUrl({
    username: 'x?secret=AAAA#',
    issuer: 'I?secret=BBBB&x#',
    algorithm: 'SHA1',
    digits: 6,
    period: 30,
    secret,
  })
  const parsed = new URL(url)
  assert.deepEqual([...parsed.searchParams.keys()], ['algorithm', 'digits', 'issuer', 'period', 'secret'])
  assert.equal(parsed.searchParams.get('secret'), 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP')
  assert.equal(parsed.hash, '')
})

test('the QR code as SVG needs nothing from elsewhere and no inline style', async () => {
  const svg = await qrSvg('otpauth://totp/Authelia:john?secret=JBSWY3DPEHPK3PXP')
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]* viewBox="0 0 \d+ \d+"/)
  assert.doesNotMatch(svg, /style|script|href|url\(/)
})

test('the QR code for a terminal shows the same modules, black on white, with a quiet zone', async () => {
  const text = 'otpauth://totp/Authelia:john?secret=JBSWY3DPEHPK3PXP'
  const lines = (await qrTerminal(text)).split('\n')
  // biome-ignore lint/complexity/useRegexLiterals: an escape character
  const bare = lines.map((line) => line.replace(new RegExp('\u001b\\[[0-9;]*m', 'g'), ''))
  assert.equal(new Set(bare.map((line) => line.length)).size, 1)
  assert.equal(bare[0]?.trim(), '')
  // the finder pattern in the upper left corner, two rows a line
  assert.deepEqual(
    bare.slice(1, 5).map((line) => line.slice(0, 10)),
    ['  █▀▀▀▀▀█ ', '  █ ███ █ ', '  █ ▀▀▀ █ ', '  ▀▀▀▀▀▀▀ '],
  )
  for (const line of lines) assert.ok(line.startsWith('\u001b[30;107m') && line.endsWith('\u001b[0m'))
})
