// From an empty folder to a protected page: what `latchkey init` wrote, served, behind the real proxy with the files that were written for it.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createChildren } from '../../examples/children.ts'
import { createEchoApp } from '../../examples/demo/echo-app.ts'
import { prepareExample } from '../../examples/prepare-example.ts'
import { answers, freePort } from '../bench/program.ts'
import { latchkey } from '../commands/run.ts'
import { createVisitor, echoOf } from './visitor.ts'

const bin = join(import.meta.dirname, '..', '..', 'bin', 'dev.js')
const DOMAIN = 'latchkey.localhost'
const PASSWORD = 'correct horse battery'

for (const proxy of ['nginx', 'caddy'] as const) {
  test(`init, serve and ${proxy}: a stranger is sent to the portal, the first user gets to the application`, async (t) => {
    const place = temporary(t, proxy)
    const folder = join(place, 'made')
    const [port, gatePort] = [await freePort(), await freePort()]
    const application = createEchoApp()
    await new Promise<void>((done) => application.listen(0, '127.0.0.1', done))
    t.after(() => {
      application.closeAllConnections()
      application.close()
    })
    const applicationPort = (application.address() as { port: number }).port
    const made = latchkey(
      [
        ...['init', folder, '--yes', '--domain', DOMAIN, '--app', `wiki=http://127.0.0.1:${applicationPort}`],
        ...['--proxy', proxy, '--user', 'alice', '--password-stdin'],
        ...['--listen', `127.0.0.1:${gatePort}`, '--port', String(port)],
      ],
      { input: PASSWORD },
    )
    assert.equal(made.code, 0, made.stderr)

    const written = join(folder, 'proxy', proxy)
    const prepared = prepareExample(proxy, {
      folder: join(place, 'around'),
      ...{ port, gatePort, applicationPort, domain: DOMAIN },
      certificate: join(folder, 'tls/tls.crt'),
      key: join(folder, 'tls/tls.key'),
      files: readdirSync(written).map((path) => ({
        path,
        // Nobody but this machine is to reach it.
        text: readFileSync(join(written, path), 'utf8').replaceAll(`listen ${port}`, `listen 127.0.0.1:${port}`),
      })),
    })
    if (prepared.kind === 'missing') return t.skip(prepared.hint)
    const children = createChildren()
    t.after(() => children.endAll())
    const serve = { command: process.execPath, args: [bin, 'serve', '--config', join(folder, 'config')] }
    children.start('Latchkey', serve, place)
    for (const command of prepared.processes) children.start(proxy, command, place)
    await answers(`http://127.0.0.1:${gatePort}/api/health`)

    const visitor = createVisitor(port, DOMAIN, readFileSync(join(folder, 'tls/ca.crt'), 'utf8'))
    await settled(() => visitor.fetch('auth', '/api/health'))
    const page = { Accept: 'text/html', 'Sec-Fetch-Mode': 'navigate' }
    const stranger = await visitor.fetch('wiki', '/page?x=1', { headers: page })
    assert.equal(stranger.status, 302, children.all.map((child) => child.output()).join('\n'))
    const target = new URL(String(stranger.headers['location']))
    assert.equal(target.host, `auth.${DOMAIN}:${port}`)
    assert.equal(target.searchParams.get('rd'), `https://wiki.${DOMAIN}:${port}/page?x=1`)
    const { elsewhere } = await visitor.signIn('alice', PASSWORD)
    const reached = await visitor.fetch('wiki', '/page', { headers: { Cookie: elsewhere, Accept: 'application/json' } })
    assert.equal(reached.status, 200)
    assert.equal(echoOf(reached).headers['remote-user'], 'alice')
    assert.equal(echoOf(reached).headers['remote-groups'], 'admins')
  })
}

/** Proxies that root starts give root up, and still have to get at their files. */
function temporary(t: TestContext, proxy: string): string {
  const place = mkdtempSync(join(tmpdir(), `latchkey-init-${proxy}-`))
  if (process.getuid?.() === 0) chmodSync(place, 0o711)
  t.after(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }))
  return place
}

/** Until the proxy answers. */
async function settled(ask: () => Promise<{ readonly status: number }>): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; ) {
    const answered = await ask().then(
      ({ status }) => status === 200,
      () => false,
    )
    if (answered) return
    if (Date.now() > deadline) throw new Error('the proxy never answered')
    await new Promise((done) => setTimeout(done, 50))
  }
}
