// What a real Authelia said to 219 users files and 195 password hashes; differences are listed, each with its reason, in users-divergences.json.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseHash, verifyHash } from '../../src/directory/password-hash.ts'
import { loadUsersFile } from '../../src/directory/users-file.ts'

interface HashCase {
  readonly hash: string
  readonly password: string
  readonly algorithm?: string
  readonly want: 'verifies' | 'refused' | 'odd'
  readonly validate?: string
  readonly start?: boolean
}
interface UsersCase {
  readonly id: string
  readonly users: string | { readonly base64: string }
  readonly files?: Readonly<Record<string, string | { readonly base64: string }>>
  readonly configuration: { readonly authentication_backend: { readonly file: FileSettings } }
  readonly want: { readonly ok: boolean }
}
interface FileSettings {
  readonly path: string
  readonly search?: { readonly email?: boolean; readonly case_insensitive?: boolean }
  readonly extra_attributes?: Readonly<
    Record<string, { readonly value_type: 'string' | 'integer' | 'boolean'; readonly multi_valued?: boolean }>
  >
}
interface Divergences {
  readonly hashes: readonly { readonly hash: string; readonly verdict: 'refused'; readonly why: string }[]
  readonly users: readonly { readonly id: string; readonly why: string }[]
}

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../conformance', name), 'utf8')) as T
const divergences = read<Divergences>('users-divergences.json')

test('every recorded hash is verified, or refused, as Authelia does', async () => {
  const cases = read<HashCase[]>('hashes.json')
  const differing: string[] = []
  const used = new Set<string>()
  for (const { hash, password, want, validate, start } of cases) {
    const parsed = parseHash(hash)
    const verdict = parsed.kind === 'refused' ? 'refused' : await verifyHash(parsed.hash, password)
    const divergence = divergences.hashes.find((entry) => new RegExp(entry.hash).test(hash))
    const recorded = want === 'refused' || start === false ? 'refused' : want === 'verifies' || validate === 'match'
    if (divergence) used.add(divergence.hash)
    if (verdict !== (divergence?.verdict ?? recorded)) differing.push(`${hash}: ${verdict} instead of ${recorded}`)
  }
  assert.deepEqual(differing, [])
  assert.equal(cases.length, 195)
  assert.equal(used.size, divergences.hashes.length, 'a listed divergence no longer occurs')
})

test('no recorded hash verifies another password', async () => {
  for (const { hash } of read<HashCase[]>('hashes.json')) {
    const parsed = parseHash(hash)
    if (parsed.kind === 'ok') assert.equal(await verifyHash(parsed.hash, 'another password'), false, hash)
  }
})

test('every recorded users file is accepted or refused as by Authelia', () => {
  const cases = read<UsersCase[]>('users.json')
  const differing: string[] = []
  const meant = new Set<string>()
  for (const { id, users, files, configuration, want } of cases) {
    const settings = configuration.authentication_backend.file
    const content = files?.[settings.path] ?? users
    // a folder in place of the file is a matter of opening it: file-directory.test.ts
    if (id === 'file/is a directory') continue
    const extraAttributes = Object.fromEntries(
      Object.entries(settings.extra_attributes ?? {}).map(([name, { value_type, multi_valued }]) => [
        name,
        { valueType: value_type, multiValued: multi_valued ?? false },
      ]),
    )
    const result = loadUsersFile(
      typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.base64, 'base64'),
      {
        path: settings.path,
        search: { email: settings.search?.email ?? false, caseInsensitive: settings.search?.case_insensitive ?? false },
        extraAttributes,
      },
    )
    if ((result.kind === 'ok') === want.ok) continue
    const divergence = divergences.users.find((entry) => new RegExp(entry.id).test(id))
    if (divergence && result.kind === 'invalid') meant.add(id)
    else differing.push(`${id}: ${result.kind}`)
  }
  assert.deepEqual(differing, [])
  assert.equal(cases.length, 219)
  assert.equal(meant.size, 13, 'what is meant to differ differs')
})
