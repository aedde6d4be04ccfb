// The Dockerfile and the homelab: no engine runs here, so what they copy, start and ask is checked and run in a plain folder.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { load } from 'js-yaml'
import { bin, latchkey } from '../commands/run.ts'
import { blocksOf, pageText, root } from '../docs/page.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-container-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Instructions with their words, continued lines put together. */
const instructions = read('examples/docker/Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    return { name, rest }
  })
const all = (name: string): string[] => instructions.filter((one) => one.name === name).map(({ rest }) => rest)
const listOf = (name: string): string[] => JSON.parse((all(name).at(-1) ?? '').replace(/^[^[]*/, ''))

describe('the Dockerfile', () => {
  test('has only instructions that exist, and ends in a stage that is not root', () => {
    const known = [
      'FROM',
      'WORKDIR',
      'COPY',
      'RUN',
      'USER',
      'ENV',
      'VOLUME',
      'EXPOSE',
      'HEALTHCHECK',
      'ENTRYPOINT',
      'CMD',
    ]
    for (const { name } of instructions) assert.ok(known.includes(name), name)
    const last = instructions.findLastIndex(({ name }) => name === 'FROM')
    const final = instructions.slice(last)
    assert.equal(final.find(({ name }) => name === 'USER')?.rest, '65532:65532')
    assert.ok(!final.some(({ name }) => name === 'RUN'), 'the last stage has no shell')
  })

  test('copies what exists: of the checkout, or made by the stage before', () => {
    const runs = all('RUN').join('\n')
    for (const words of all('COPY').map((rest) => rest.split(' '))) {
      const sources = words.filter((word) => !word.startsWith('--')).slice(0, -1)
      const isBuilt = words.some((word) => word === '--from=build')
      for (const source of sources) {
        if (!isBuilt) assert.ok(existsSync(join(root, source)), source)
        else assert.ok(runs.includes(source.replace(/^(\/\w+).*$/, '$1')), source)
      }
    }
  })

  test('leaves nothing out that the build needs', () => {
    const ignored = read('examples/docker/Dockerfile.dockerignore').split('\n')
    for (const needed of [
      'package.json',
      'package-lock.json',
      'bin',
      'src',
      'scripts',
      'schemas',
      'templates',
      'examples',
      'tsconfig.build.json',
    ])
      assert.ok(!ignored.includes(needed), needed)
    for (const unneeded of ['**/node_modules', '.git', 'test', 'dist']) assert.ok(ignored.includes(unneeded), unneeded)
  })

  test('starts a server that its healthcheck finds alive, and misses once it is gone', async () => {
    const place = join(folder, 'image')
    const init = latchkey(
      [...'init image --yes --domain example.com --app app=http://127.0.0.1:1 --proxy none --user anne'.split(' ')],
      { cwd: folder },
    )
    assert.equal(init.code, 0, init.stderr)
    const [node, program] = listOf('ENTRYPOINT')
    assert.deepEqual([node, program], ['/nodejs/bin/node', '/app/bin/run.js'])
    const server = spawn(process.execPath, [bin, ...listOf('CMD')], {
      env: {
        PATH: process.env['PATH'],
        MALLOC_ARENA_MAX: '1',
        X_LATCHKEY_CONFIG: join(place, 'config'),
        LATCHKEY_SERVER_ADDRESS: 'tcp://127.0.0.1:0/',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    await new Promise<void>((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)))
      server.stderr.on('data', (data) => (said += data))
      server.stdout.on('data', (data) => {
        said += data
        if (said.includes('Latchkey listens')) resolve()
      })
    })
    const [, port = ''] = /Latchkey listens address=127\.0\.0\.1:(\d+)/.exec(said) ?? []
    const [, ...asks] = listOf('HEALTHCHECK').map((word) => word.replaceAll('9091', port))
    const health = (): number | null => spawnSync(process.execPath, asks).status
    assert.equal(health(), 0)
    server.removeAllListeners('exit')
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    assert.equal(await ended, 0)
    assert.equal(health(), 1)
  })
})

interface Service {
  readonly volumes?: readonly string[]
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>
  readonly ports?: readonly string[]
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly user?: string
}

describe('the homelab', () => {
  const compose = load(read('examples/homelab/compose.yml')) as {
    services: Readonly<Record<string, Service>>
    networks: Readonly<Record<string, unknown>>
  }

  test('runs everything read-only, without capabilities, and opens a port for the proxy only', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      assert.equal(service.read_only, true, name)
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.equal(service.user, '65532:65532', name)
      if (name !== 'traefik') assert.equal(service.ports, undefined, name)
      const networks = Array.isArray(service.networks) ? service.networks : Object.keys(service.networks ?? {})
      for (const network of networks) assert.ok(network in compose.networks, network)
    }
    const { traefik, whoami } = compose.services
    assert.ok(!JSON.stringify(whoami?.networks).includes('gate'))
    assert.match(JSON.stringify(traefik?.networks), /172\.30\.91\.2/)
  })

  test('its commands make everything that it mounts, and what Latchkey then starts on', () => {
    const [block] = blocksOf(pageText('examples/homelab/README.md'))
    const lines = (block?.text ?? '').split('\n').filter((line) => line.includes(' cli '))
    assert.equal(lines.length, 2)
    mkdirSync(join(folder, 'latchkey'))
    const here = (text: string): string => text.replaceAll(/(?<![\w/])\/latchkey/g, join(folder, 'latchkey'))
    const env = { X_LATCHKEY_CONFIG: here('/latchkey/config') }
    for (const line of lines) {
      const ran = latchkey(here(line.replace(/^.* cli /, '')).split(' '), { cwd: folder, env })
      assert.equal(ran.code, 0, `${line}\n${ran.stderr}`)
    }
    for (const { volumes = [] } of Object.values(compose.services))
      for (const volume of volumes) assert.ok(existsSync(join(folder, volume.split(':')[0] ?? '')), volume)
    assert.deepEqual(readdirSync(join(folder, 'latchkey', 'proxy')).sort(), ['latchkey.yml', 'traefik.yml'])
    const dynamic = readFileSync(join(folder, 'latchkey', 'proxy', 'latchkey.yml'), 'utf8')
    assert.match(dynamic, /http:\/\/latchkey:9091\/api\/authz\/forward-auth/)
    assert.match(dynamic, /http:\/\/whoami:8080/)
    const checked = latchkey(['serve', '--check'], { env: { ...env, LATCHKEY_SERVER_ADDRESS: 'tcp://127.0.0.1:0/' } })
    assert.equal(checked.code, 0, checked.stderr)
    assert.match(readFileSync(join(folder, 'latchkey', 'config', 'configuration.yml'), 'utf8'), /172\.30\.91\.2/)
  })
})
