// What `latchkey proxy` renders for several applications, each at an address of its own, run by the real proxies: every host leads to its own.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { EXAMPLE_SITE } from '../../src/setup/example-site.ts'
import { PROXY_NAMES } from '../../src/setup/proxy-name.ts'
import { proxySetup } from '../../src/setup/proxy-setup.ts'
import type { Application } from '../../src/setup/site.ts'
import { startLab } from './lab.ts'

describe('several applications', { concurrency: false }, () => {
  const second = createServer((request, response) => response.end(`second ${request.headers.host} ${request.url}`))
  before(() => new Promise<void>((done) => second.listen(0, '127.0.0.1', done)))
  after(() => second.close())

  for (const proxy of PROXY_NAMES) {
    it(`through ${proxy}`, async (t) => {
      const { port } = second.address() as AddressInfo
      const applications = EXAMPLE_SITE.applications.map(
        (application): Application =>
          application.host === 'public.example.com'
            ? { ...application, assumed: false, upstream: { scheme: 'http', host: '127.0.0.1', port } }
            : application,
      )
      const lab = await startLab(proxy, proxySetup(proxy, { ...EXAMPLE_SITE, applications }))
      if (lab.kind === 'missing') return t.skip(lab.hint)
      try {
        const headers = { Accept: 'application/json' }
        const open = await lab.fetch('public', '/page?x=1', { headers })
        assert.equal(open.status, 200)
        assert.match(open.body, /^second public\.\S+ \/page\?x=1$/)
        const first = await lab.fetch('app', '/open/', { headers })
        assert.equal(first.status, 200)
        assert.match(first.body, /"url":"\/open\/"/)
        assert.equal((await lab.fetch('app', '/', { headers })).status, 401)
        const nobody = await lab.fetch('other', '/', { headers }).catch(() => undefined)
        assert.doesNotMatch(nobody?.body ?? '', /second|"headers"/)
      } finally {
        await lab.stop()
      }
    })
  }
})
