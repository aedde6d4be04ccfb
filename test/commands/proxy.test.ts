import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { latchkey } from './run.ts'

const examples = join(import.meta.dirname, '../../examples')
let cwd = ''
before(() => {
  cwd = mkdtempSync(join(tmpdir(), 'latchkey-proxy-'))
  cpSync(join(examples, 'nginx', 'configuration.yml'), join(cwd, 'configuration.yml'))
})
after(() => rmSync(cwd, { recursive: true, force: true }))
const proxy = (...args: string[]) => latchkey(['proxy', ...args], { cwd })

describe('proxy', () => {
  test('prints every file with the place it belongs to, and what was assumed on standard error', () => {
    const { code, stdout, stderr } = proxy('nginx', '--app', 'admin.example.com=http://127.0.0.1:3000')
    assert.equal(code, 0, stderr)
    assert.deepEqual(stdout.match(/^# ─+ \S+/gm), [
      '# ──────── /etc/nginx/conf.d/latchkey.conf',
      '# ──────── /etc/nginx/latchkey-gate.conf',
      '# ──────── /etc/nginx/latchkey-protect.conf',
    ])
    assert.match(stdout, /upstream app_admin_example_com \{ server 127\.0\.0\.1:3000;/)
    assert.match(stderr, /^Where public\.example\.com, app\.example\.com listens is assumed/)
  })

  test('--file prints one file as it is, and nothing else', () => {
    const { code, stdout } = proxy('haproxy', '--file', 'haproxy.cfg')
    assert.equal(code, 0)
    assert.match(stdout, /^# HAProxy /)
    assert.match(stdout, /server application 127\.0\.0\.1:8080\n$/)
    const wrong = proxy('haproxy', '--file', 'nginx.conf')
    assert.equal(wrong.code, 2)
    assert.match(wrong.stderr, /has no file nginx\.conf\.\n {2}It has: haproxy\.cfg, latchkey\.lua\./)
  })

  test('--output writes, says where each belongs, and leaves alone what is there unless --force is given', () => {
    const out = join(cwd, 'made', 'here')
    const first = proxy('nginx', '--output', out)
    assert.equal(first.code, 0, first.stderr)
    assert.match(
      first.stdout,
      /^written {4}\S+latchkey\.conf {2}\(belongs at \/etc\/nginx\/conf\.d\/latchkey\.conf\)$/m,
    )
    assert.deepEqual(readdirSync(out).sort(), ['latchkey-gate.conf', 'latchkey-protect.conf', 'latchkey.conf'])
    assert.equal(statSync(join(out, 'latchkey.conf')).mode & 0o777, 0o644)
    assert.match(first.stdout, /: nginx -t && systemctl reload nginx\n$/)
    assert.match(first.stderr, /no \/etc\/latchkey\/tls\.crt/)
    assert.match(proxy('nginx', '--output', out).stdout, /^unchanged/m)

    const mine = '# my own changes\n'
    writeFileSync(join(out, 'latchkey-protect.conf'), mine)
    rmSync(join(out, 'latchkey.conf'))
    const refused = proxy('nginx', '--output', out)
    assert.equal(refused.code, 3)
    assert.match(
      refused.stderr,
      /latchkey-protect\.conf exists already; it is left as before, and nothing was written\.\n {2}.*--force/,
    )
    assert.equal(readFileSync(join(out, 'latchkey-protect.conf'), 'utf8'), mine)
    assert.ok(!existsSync(join(out, 'latchkey.conf')))

    chmodSync(join(out, 'latchkey-protect.conf'), 0o600)
    assert.match(proxy('nginx', '--output', out, '--force').stdout, /^replaced {3}\S+protect/m)
    assert.notEqual(readFileSync(join(out, 'latchkey-protect.conf'), 'utf8'), mine)
    assert.equal(statSync(join(out, 'latchkey-protect.conf')).mode & 0o777, 0o600)
  })

  test('a folder that can’t be one, or can’t be written, is said', () => {
    writeFileSync(join(cwd, 'file'), '')
    mkdirSync(join(cwd, 'taken', 'Caddyfile'), { recursive: true })
    for (const out of ['file', '/proc/nowhere', 'taken', 'file/below']) {
      const { code, stderr } = proxy('caddy', '--output', out)
      assert.equal(code, 3, out)
      assert.match(stderr, /can't be written: (?:E[A-Z]+: |it is no file)/)
      assert.doesNotMatch(stderr, /bug/)
    }
  })

  test('--explain says what the files do, and --json gives everything as data', () => {
    const { stdout } = proxy('varnish', '--explain', '--json')
    const answer = JSON.parse(stdout)
    assert.equal(answer.proxy, 'varnish')
    assert.deepEqual(
      answer.files.map(({ goesTo }: { goesTo: string }) => goesTo),
      ['/etc/varnish/latchkey.vcl', '/etc/hitch/hitch.conf'],
    )
    assert.match(answer.guide, /Mistakes others have made/)
    assert.deepEqual(
      answer.remarks.map((remark: string) => remark.split(' ')[0]),
      ['Where', 'There'],
    )
  })

  test('a full disk behind standard output is said, and is no bug', (t) => {
    if (!existsSync('/dev/full')) return t.skip('this system has no /dev/full')
    const full = openSync('/dev/full', 'w')
    const bin = join(import.meta.dirname, '../../bin/dev.js')
    const { status, stderr } = spawnSync(process.execPath, [bin, 'proxy', 'nginx'], {
      cwd,
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    closeSync(full)
    assert.equal(status, 3)
    assert.match(stderr, /^latchkey: Standard output can't be written: ENOSPC\.\n {2}\S/m)
    assert.doesNotMatch(stderr, /bug|node:/)
  })

  test('used wrongly: exit code 2, and what was expected', () => {
    for (const [args, said] of [
      [[], /nginx\|traefik\|caddy/],
      [['ngnix'], /Expected ngnix to be one of: nginx, traefik/],
      [['nginx', '--app', 'x'], /--app: "x" isn't HOST=ADDRESS/],
      [['nginx', '--gate', 'ftp://x'], /--gate: "ftp:\/\/x" must begin with http/],
      [['nginx', '--force'], /output/],
      [['nginx', '--strict'], /check/],
      [['nginx', '--check', 'x', '--output', 'y'], /check/],
    ] as const) {
      const { code, stderr } = proxy(...args)
      assert.equal(code, 2, args.join(' '))
      assert.match(stderr, said)
    }
  })

  test('without a configuration it says which one is missing', () => {
    const { code, stderr } = latchkey(['proxy', 'nginx'], { cwd: tmpdir() })
    assert.equal(code, 3)
    assert.match(stderr, /There is no configuration\.yml here/)
  })
})

test('a mistyped proxy gets the one that was meant, and help shows both ways to use it', () => {
  const { code, stderr } = proxy('nginxx')
  assert.equal(code, 2)
  assert.equal(
    stderr,
    'latchkey: Expected nginxx to be one of: nginx, traefik, caddy, haproxy, envoy, apache, varnish.\n  Did you mean nginx?\n',
  )
  const { stdout } = proxy('--help')
  assert.match(
    stdout,
    /\$ latchkey proxy PROXY \[--config FILE\][^$]*\$ latchkey proxy PROXY --check FILE… \[--config FILE\]\n/,
  )
})

describe('proxy --check', () => {
  test('a good set-up: exit code 0', () => {
    const { code, stdout } = proxy('caddy', '--check', join(examples, 'caddy', 'Caddyfile'))
    assert.equal(code, 0)
    assert.match(stdout, /^Caddy, \S+: no mistake found\n$/)
  })

  test('a mistake: file and line, what, why and how, exit code 1', () => {
    const text = readFileSync(join(examples, 'caddy', 'Caddyfile'), 'utf8')
    writeFileSync(join(cwd, 'Caddyfile'), text.replace('forward-auth?', 'forward-auth'))
    const { code, stdout } = proxy('caddy', '--check', 'Caddyfile')
    assert.equal(code, 1)
    const line = text.split('\n').findIndex((each) => each.includes('uri /api')) + 1
    assert.match(
      stdout,
      new RegExp(
        `^Caddyfile:${line} {2}mistake {2}.*\\[query-passed-on\\]\\n {4}Why: .+\\n {4}Fix: .+\\n\\nCaddy, Caddyfile: 1 mistake\\n$`,
      ),
    )
    const data = proxy('caddy', '--check', 'Caddyfile', '--json')
    assert.equal(data.code, 1)
    assert.deepEqual(
      JSON.parse(data.stdout).findings.map(({ code, line }: { code: string; line: number }) => [code, line]),
      [['query-passed-on', line]],
    )
  })

  test('files that one names are found beside it; advice is exit code 0, with --strict 1', () => {
    const given = ['nginx', '--check', join(examples, 'nginx', 'latchkey.conf')]
    assert.match(proxy(...given).stdout, /: no mistake found\n$/)
    writeFileSync(join(cwd, 'latchkey.conf'), readFileSync(join(examples, 'nginx', 'latchkey.conf'), 'utf8'))
    const alone = proxy('nginx', '--check', 'latchkey.conf')
    assert.equal(alone.code, 0)
    assert.match(alone.stdout, /include latchkey-gate\.conf could not be read/)
    assert.equal(proxy('nginx', '--check', 'latchkey.conf', '--strict').code, 1)
  })

  test('with --config: the hosts that the files don’t name are advice', () => {
    const file = join(examples, 'caddy', 'Caddyfile')
    const good = proxy('caddy', '--check', file, '--config', 'configuration.yml')
    assert.equal(good.code, 0, good.stderr)
    assert.match(good.stdout, /: no mistake found\n$/)
    writeFileSync(join(cwd, 'Other'), readFileSync(file, 'utf8').replaceAll('example.com', 'example.org'))
    const other = proxy('caddy', '--check', 'Other', '--config', 'configuration.yml')
    assert.equal(other.code, 0)
    assert.match(other.stdout, /None of the files names auth\.example\.com, where people sign in\. \[host-missing\]/)
    assert.equal(proxy('caddy', '--check', 'Other', '--config', 'configuration.yml', '--strict').code, 1)
    assert.equal(proxy('caddy', '--check', file, '--config', 'nowhere.yml').code, 1)
  })

  test('what can’t be read, or is another language, is exit code 3 and one sentence', () => {
    writeFileSync(join(cwd, 'binary'), Buffer.from([0, 1, 2, 255]))
    writeFileSync(join(cwd, 'half.conf'), 'server {\n  location / {\n')
    writeFileSync(join(cwd, 'half.yml'), 'http: [\n')
    writeFileSync(join(cwd, 'traefik.txt'), '# mine\n[http.routers]\n  [http.routers.app]\n    rule = "Host(`a`)"\n')
    writeFileSync(join(cwd, 'dynamic.toml'), '')
    writeFileSync(join(cwd, 'caddy.json'), '{\n  "apps": { "http": {} }\n}\n')
    spawnSync('mkfifo', [join(cwd, 'pipe')])
    for (const [name, file, said] of [
      ['nginx', 'nowhere.conf', /nowhere\.conf can't be read/],
      ['nginx', '.', /is a folder/],
      ['nginx', 'binary', /is no configuration file/],
      ['nginx', 'half.conf', /half\.conf:2: .*block that begins here is not closed/],
      ['caddy', 'half.conf', /half\.conf:2: .*not closed/],
      ['apache', 'half.conf', /half\.conf:1: .*"server" is no directive/],
      ['haproxy', 'half.conf', /half\.conf:1: .*stands in no section/],
      ['traefik', 'half.yml', /half\.yml:\d+: /],
      ['traefik', 'traefik.txt', /traefik\.txt is TOML, which is not checked/],
      ['traefik', 'dynamic.toml', /dynamic\.toml is TOML, which is not checked/],
      ['caddy', 'caddy.json', /caddy\.json is Caddy's JSON, which is not checked/],
      ['nginx', 'pipe', /pipe can't be read/],
      ['envoy', 'half.yml', /half\.yml:\d+: /],
    ] as const) {
      const { code, stderr } = proxy(name, '--check', file)
      assert.equal(code, 3, `${name} ${file}: ${stderr}`)
      assert.match(stderr, said)
      assert.doesNotMatch(stderr, /bug/)
    }
  })

  test('an empty file protects nothing', () => {
    writeFileSync(join(cwd, 'empty'), '')
    for (const name of ['nginx', 'traefik', 'caddy', 'haproxy', 'envoy', 'apache', 'varnish']) {
      const { code, stdout } = proxy(name, '--check', 'empty')
      assert.equal(code, 1, name)
      assert.match(stdout, /no-gate/)
    }
  })
})
