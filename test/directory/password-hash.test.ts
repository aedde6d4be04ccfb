import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PasswordHashConfig } from '../../src/config/config.ts'
import { defaultHash, hashMemory, makeHash, parseHash, verifyHash } from '../../src/directory/password-hash.ts'

const verify = async (encoded: string, password: string): Promise<boolean | string> => {
  const parsed = parseHash(encoded)
  return parsed.kind === 'ok' ? verifyHash(parsed.hash, password) : parsed.reason
}
const refusal = (encoded: string): string => {
  const parsed = parseHash(encoded)
  assert.equal(parsed.kind, 'refused', encoded)
  return parsed.kind === 'refused' ? parsed.reason : ''
}

test('the example of the SHA-crypt specification verifies', async () => {
  const sha256 = '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'
  const sha512 = '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1'
  assert.equal(await verify(sha256, 'Hello world!'), true)
  assert.equal(await verify(sha512, 'Hello world!'), true)
  assert.equal(await verify(sha512, 'Hello world?'), false)
})

const cheap: Record<string, Partial<PasswordHashConfig>> = {
  argon2id: { argon2: { ...defaultHash.argon2, memory: 64, iterations: 1, parallelism: 1 } },
  argon2i: { argon2: { ...defaultHash.argon2, variant: 'argon2i', memory: 64, iterations: 1, parallelism: 2 } },
  argon2d: {
    argon2: { ...defaultHash.argon2, variant: 'argon2d', memory: 64, iterations: 1, parallelism: 1, keyLength: 64 },
  },
  sha256crypt: { algorithm: 'sha2crypt', sha2crypt: { variant: 'sha256', iterations: 1000, saltLength: 16 } },
  sha512crypt: { algorithm: 'sha2crypt', sha2crypt: { variant: 'sha512', iterations: 1000, saltLength: 8 } },
  'pbkdf2-sha1': { algorithm: 'pbkdf2', pbkdf2: { variant: 'sha1', iterations: 1000, saltLength: 16 } },
  'pbkdf2-sha224': { algorithm: 'pbkdf2', pbkdf2: { variant: 'sha224', iterations: 1000, saltLength: 16 } },
  'pbkdf2-sha384': { algorithm: 'pbkdf2', pbkdf2: { variant: 'sha384', iterations: 1000, saltLength: 16 } },
  'pbkdf2-sha512': { algorithm: 'pbkdf2', pbkdf2: { variant: 'sha512', iterations: 1000, saltLength: 16 } },
  bcrypt: { algorithm: 'bcrypt', bcrypt: { variant: 'standard', cost: 4 } },
  'bcrypt-sha256': { algorithm: 'bcrypt', bcrypt: { variant: 'sha256', cost: 4 } },
  scrypt: {
    algorithm: 'scrypt',
    scrypt: { variant: 'scrypt', iterations: 4, blockSize: 8, parallelism: 1, keyLength: 32, saltLength: 16 },
  },
}
for (const [name, config] of Object.entries(cheap)) {
  test(`a new ${name} hash verifies its password and no other, and two are never alike`, async () => {
    const whole = { ...defaultHash, ...config }
    const encoded = await makeHash('pässwörd-日本-🔑', whole)
    assert.notEqual(await makeHash('pässwörd-日本-🔑', whole), encoded)
    assert.equal(await verify(encoded, 'pässwörd-日本-🔑'), true)
    assert.equal(await verify(encoded, 'pässwörd-日本-'), false)
    assert.equal(await verify(encoded, ''), false)
  })
}

test('by default a new hash is argon2id with its parameters in the usual order', async () => {
  const encoded = await makeHash('secret', defaultHash)
  assert.match(encoded, /^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
})

test('a bcrypt-sha256 hash tells long passwords apart where bcrypt looks at 72 bytes', async () => {
  const encoded = await makeHash(`${'x'.repeat(100)}1`, { ...defaultHash, ...cheap['bcrypt-sha256'] })
  assert.equal(await verify(encoded, `${'x'.repeat(100)}2`), false)
  await assert.rejects(makeHash('x'.repeat(73), { ...defaultHash, ...cheap['bcrypt'] }), { code: 'password-too-long' })
})

test('a hash that could not be read again is not made', async () => {
  const tooMuch = { ...defaultHash, argon2: { ...defaultHash.argon2, memory: 4 * 1024 * 1024 } }
  await assert.rejects(makeHash('secret', tooMuch), { code: 'password-hash-parameters', message: /memory \(m\)/ })
  const yescrypt = {
    ...defaultHash,
    algorithm: 'scrypt',
    scrypt: { ...defaultHash.scrypt, variant: 'yescrypt' },
  } as const
  await assert.rejects(makeHash('secret', yescrypt), { code: 'password-hash-parameters' })
})

test('PWD-01 a password is its bytes: NFC and NFD are two passwords', async () => {
  const encoded = await makeHash('é'.normalize('NFC'), { ...defaultHash, ...cheap['argon2id'] })
  assert.equal(await verify(encoded, 'é'.normalize('NFC')), true)
  assert.equal(await verify(encoded, 'é'.normalize('NFD')), false)
})

test('PWD-04 what is no hash, or of a scheme that is not supported, is refused with its reason', () => {
  for (const text of ['', '*', '!', ' ', '$', 'password', '{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', 'abJnggxhB/yWI']) {
    assert.match(refusal(text), /not a password hash/, text)
  }
  for (const text of ['$$', '$1$abc$def', '$apr1$x$y', '$constructor$x$y', '$__proto__$x$y', '$toString$1$2$3']) {
    assert.match(refusal(text), /not supported/, text)
  }
  assert.match(refusal('$plaintext$secret'), /plain text/)
  assert.match(refusal('$y$j9T$ab$cd'), /yescrypt/)
})

test('PWD-04 DOS a hash whose verification would take the machine is refused', () => {
  const salt = 'WqJ4rq2tTiXxoLQtG+Z0hQ'
  const key = 'CjRqzXw7NV6d7/eQhDhK4rH/XZ0QXuR/J3MGRKXtOVY'
  assert.match(refusal(`$argon2id$v=19$m=4294967295,t=1,p=1$${salt}$${key}`), /memory/)
  assert.match(refusal(`$argon2id$v=19$m=1048576,t=17,p=1$${salt}$${key}`), /passes/)
  assert.match(refusal(`$argon2id$v=19$m=1048576,t=1,p=65$${salt}$${key}`), /parallelism/)
  assert.match(refusal(`$scrypt$ln=24,r=8,p=1$${salt}$${key}`), /memory/)
  assert.match(refusal(`$scrypt$ln=16,r=8,p=1000$${salt}$${key}`), /N × r × p/)
  assert.match(refusal(`$scrypt$ln=4,r=8,p=0$${salt}$${key}`), /at least 1/)
  assert.match(refusal(`$pbkdf2-sha512$4294967295$${salt}$${key}`), /iterations/)
  assert.match(refusal(`$6$rounds=999999999$saltstring$${'a'.repeat(86)}`), /rounds/)
  assert.match(refusal(`$2b$31$${'a'.repeat(53)}`), /cost/)
  const long = 'A'.repeat(100_000)
  assert.match(refusal(`$argon2id$v=19$m=64,t=1,p=1$${salt}$${long}`), /longer/)
  assert.match(refusal(`$5$${long}$${'a'.repeat(43)}`), /salt/)
})

test('the memory of a verification is known beforehand', async () => {
  const of = (encoded: string): number | undefined => {
    const parsed = parseHash(encoded)
    return parsed.kind === 'ok' ? hashMemory(parsed.hash) : undefined
  }
  assert.equal(of(await makeHash('x', { ...defaultHash, ...cheap['argon2id'] })), 64)
  assert.equal(of(await makeHash('x', { ...defaultHash, ...cheap['scrypt'] })), 17)
  assert.equal(of(await makeHash('x', { ...defaultHash, ...cheap['bcrypt'] })), 0)
})
