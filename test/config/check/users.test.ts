import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configWith, errorsWith } from '../loading.ts'

const hashing = (password: { [key: string]: unknown }): { [key: string]: unknown } => ({
  authentication_backend: { file: { path: 'users.yml', password } },
})

test('yescrypt for new hashes is refused by name, where it would be used', () => {
  const scrypt = { variant: 'yescrypt' }
  assert.deepEqual(errorsWith(hashing({ algorithm: 'scrypt', scrypt })), [
    'not-built-yet authentication_backend.file.password.scrypt.variant',
  ])
  assert.equal(configWith(hashing({ algorithm: 'argon2', scrypt })).directory.file.password.algorithm, 'argon2')
  assert.deepEqual(errorsWith(hashing({ algorithm: 'argon2', scrypt: { ...scrypt, parallelism: 2 } })), [
    'wrong-value authentication_backend.file.password.scrypt.parallelism',
  ])
})
