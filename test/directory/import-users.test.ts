import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planImport } from '../../src/directory/import-users.ts'
import { userFields } from '../../src/directory/user-fields.ts'
import { readUserEntries } from '../../src/directory/users-file.ts'

const HASH = '$argon2id$v=19$m=64,t=1,p=1$ng3gDYV+8gdxbZIFLLjzWg$XtWGYqaqZfTd7JLFfSU7tkujKlwdq1h4/J5cDv8a70Y'
const options = { path: 'users.yml', search: { email: false, caseInsensitive: false }, extraAttributes: {} }
const entries = (text: string) => {
  const read = readUserEntries(Buffer.from(text), options)
  return read.kind === 'ok' ? read : assert.fail(JSON.stringify(read))
}
const user = (name: string, more = ''): string =>
  `  ${name}:\n    displayname: ${name}\n    password: '${HASH}'\n${more}`
const imported = (text: string) => {
  const { entries: all, nodes } = entries(text)
  return all.map(({ user: { username } }) => {
    const node = nodes.entries.get(username)?.value
    return { username, fields: node ? userFields(node) : assert.fail() }
  })
}

const here = entries(`users:\n${user('same')}${user('other', '    email: o@x\n    nickname: O\n')}`)
const source = imported(
  `users:\n${user('same')}${user('other', '    email: n@x\n')}${user('fresh', '    phone_extension: 0012\n    disabled: yes\n')}`,
)

test('who is new is added, who is here is kept', () => {
  const { changes, ...plan } = planImport(here, source, { replace: false, complete: true }, options.search)
  assert.deepEqual(plan, { added: ['fresh'], replaced: [], kept: ['other'], same: ['same'] })
  assert.deepEqual(
    changes.map(({ kind, username }) => [kind, username]),
    [['add', 'fresh']],
  )
  const [add] = changes
  assert.deepEqual(add?.kind === 'add' && [add.fields.get('phone_extension'), add.fields.get('disabled')], [
    '0012',
    true,
  ])
})

test('replaced is only what differs; what a whole users file doesn’t have is taken away, what a table doesn’t have stays', () => {
  const whole = planImport(here, source, { replace: true, complete: true }, options.search).changes
  assert.deepEqual(whole[0], {
    kind: 'set',
    username: 'other',
    fields: new Map([
      ['email', 'n@x'],
      ['nickname', undefined],
    ]),
  })
  const table = planImport(here, source, { replace: true, complete: false }, options.search).changes
  assert.deepEqual(table[0]?.kind === 'set' && [...table[0].fields.keys()], ['email'])
})
