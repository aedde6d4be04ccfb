// What people may answer, and what it must never become in the files.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { loadUsersFile } from '../../src/directory/users-file.ts'
import { initFiles, USERS_FILE } from '../../src/setup/init-files.ts'
import { answersFrom, type Flag, QUESTIONS } from '../../src/setup/questions.ts'

const SECRETS = { sessionSecret: 's', encryptionKey: 'k', jwtSecret: 'j' }
const given = (name: string, display: string) =>
  ({
    domain: 'example.com',
    portal: 'auth',
    app: 'wiki=http://127.0.0.1:3000',
    proxy: 'none',
    user: name,
    'display-name': display,
    email: 'a@b.c',
    'second-factor': 'no',
  }) as const satisfies Record<Flag, string>

/** The user that the written file has; each answer is one that the questions take. */
async function written(name: string, display: string) {
  const answers = given(name, display)
  for (const { flag, wrong } of QUESTIONS) assert.equal(wrong(answers[flag], answers), undefined, flag)
  const files = await initFiles(
    answersFrom(answers, { folder: '/x', password: 'p', listen: ':1', trustedProxies: [], port: 443 }),
    SECRETS,
    systemClock,
  )
  const text = files.find(({ path }) => path === USERS_FILE)?.text ?? ''
  const search = { email: false, caseInsensitive: false }
  const loaded = loadUsersFile(Buffer.from(text), { path: USERS_FILE, search, extraAttributes: {} })
  return loaded.kind === 'ok' ? [...loaded.users.users.values()].map(({ user }) => user) : assert.fail(text)
}

test('a display name is that very name, whatever it would mean in YAML or in a template', async () => {
  for (const display of [
    'null',
    '# no comment',
    '&a *b !!c <<: {d: [e]}',
    'it\'s "quoted" {{domain}} %{x} $y',
    '- : ? | >',
    'a\u2028b\u2029c\ufeffd',
    '𝔄lice 🙂 \u202eevil',
    '\\n\\u0000\\',
    "'",
  ]) {
    const [alice, ...others] = await written('alice', display)
    assert.equal(alice?.displayName, display)
    assert.deepEqual([alice?.groups, others], [['admins'], []])
  }
})

test('names of users that mean something in YAML are names', async () => {
  for (const name of ['null', 'true', '1e3', 'constructor', '0x10', '2026-01-01', 'a@b.c'])
    assert.deepEqual(
      (await written(name, 'x')).map(({ username }) => username),
      [name],
    )
})
