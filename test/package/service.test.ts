// The systemd unit: systemd's own checks where it is installed, and the how-to's steps in a plain folder.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { latchkey } from '../commands/run.ts'
import { blocksOf, pageText, root } from '../docs/page.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-service-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const UNIT = join(root, 'examples', 'systemd', 'latchkey.service')
const unit = readFileSync(UNIT, 'utf8')
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
const analyze = (...args: string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

test('systemd takes every line of the unit', { skip: !hasSystemd && 'systemd-analyze is missing' }, () => {
  const copy = join(folder, 'latchkey.service')
  writeFileSync(copy, unit.replaceAll('/usr/local/bin/latchkey', process.execPath))
  const { status, output } = analyze('verify', copy)
  assert.equal(status, 0, output)
  assert.doesNotMatch(output, /latchkey\.service/)
})

test('systemd rates its exposure at 2 of 10 or less', { skip: !hasSystemd && 'systemd-analyze is missing' }, () => {
  const { status, output } = analyze('security', '--offline=true', '--threshold=20', UNIT)
  assert.equal(status, 0, output)
})

test('the unit leaves V8 its executable memory, and the rest of the sandbox is there', () => {
  const settings = new Map([...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]))
  const wanted = {
    ProtectSystem: 'strict',
    NoNewPrivileges: 'yes',
    CapabilityBoundingSet: '',
    MemoryDenyWriteExecute: 'no',
    SystemCallArchitectures: 'native',
    StateDirectory: 'latchkey',
    UMask: '0077',
  }
  for (const [key, value] of Object.entries(wanted)) assert.equal(settings.get(key), value, key)
  assert.match(unit, /^Environment=.*MALLOC_ARENA_MAX=1/m)
})

test('an installation moved as the how-to says is one that the unit starts', () => {
  const etc = join(folder, 'etc')
  const state = join(folder, 'state')
  const text = blocksOf(pageText('docs/how-to/run-as-a-service.md'))
    .map((block) => block.text)
    .join('\n')
  const line = (start: string): string => {
    const found = text.split('\n').find((one) => one.startsWith(start))
    assert.ok(found, start)
    return found.replaceAll('/etc/latchkey', etc).replaceAll('/var/lib/latchkey', state)
  }
  const init = latchkey(line('latchkey init').split(' ').slice(1), { cwd: folder })
  assert.equal(init.code, 0, init.stderr)
  execFileSync('sh', ['-euc', ['umask 077', `mkdir ${state}`, line('sed'), line('mv'), line('chmod')].join('\n')])
  assert.equal(statSync(join(etc, 'secrets.yml')).mode & 0o777, 0o600)

  const [, words = ''] = /^ExecStart=\S+ (.*)$/m.exec(unit) ?? []
  const args = words.replaceAll('/etc/latchkey', etc).replaceAll('%d', etc).split(' ')
  const started = latchkey([...args, '--check'], { env: { LATCHKEY_SERVER_ADDRESS: 'tcp://127.0.0.1:0/' } })
  assert.equal(started.code, 0, started.stderr)
  assert.ok(statSync(join(state, 'latchkey.sqlite3')).isFile())

  const [, named = ''] = /X_LATCHKEY_CONFIG=(\S+)/.exec(text) ?? []
  const env = { X_LATCHKEY_CONFIG: named.replaceAll('/etc/latchkey', etc) }
  const added = latchkey(['user', 'add', 'ben', '--generate'], { env })
  assert.equal(added.code, 0, added.stderr)
  // The group of the service must be able to read it still.
  assert.equal(statSync(join(etc, 'users.yml')).mode & 0o777, 0o640)
})

test('an installation whose people change their passwords, as the how-to says, is one that starts and writes into one folder only', () => {
  const etc = join(folder, 'writable')
  const text = pageText('docs/how-to/run-as-a-service.md')
  const line = (start: string): string => {
    const found = text.split('\n').find((one) => one.startsWith(start))
    assert.ok(found, start)
    return found
  }
  const init = line('latchkey init').replaceAll('/etc/latchkey', etc).split(' ').slice(1)
  assert.equal(latchkey(init, { cwd: folder }).code, 0)
  const steps = ['mkdir /etc/latchkey/users', 'mv /etc/latchkey/users.yml', 'sed -i "s#\'/etc/latchkey/users.yml']
  execFileSync('sh', ['-euc', steps.map(line).join('\n').replaceAll('/etc/latchkey', etc)])
  const started = latchkey(['serve', '--config', join(etc, 'config'), '--check'], {
    env: { LATCHKEY_SERVER_ADDRESS: 'tcp://127.0.0.1:0/' },
  })
  assert.equal(started.code, 0, started.stderr)

  const dropIn = execFileSync('sh', ['-euc', line('printf').replace(/ > .*/, '')], { encoding: 'utf8' })
  assert.deepEqual(dropIn.trim().split('\n'), ['[Service]', 'ReadWritePaths=/etc/latchkey/users', 'IPAddressAllow=any'])
  assert.match(
    readFileSync(join(etc, 'config', 'configuration.yml'), 'utf8'),
    new RegExp(`path: '${etc}/users/users.yml'`),
  )
})
