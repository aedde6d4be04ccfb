// The stand-in portal on a TLS port of its own, with applications beside it, as a browser meets them: one listener, many hosts.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeSelfSigned } from '../../src/certs/authority.ts'
import type { PortalSettings } from '../../src/portal/portal.ts'
import { createLab, DOMAIN, type Lab } from './lab.ts'

/** Resolves under `localhost`, which browsers lead to the loopback without asking anybody. */
export const SITE = 'example.localhost'

export interface Stage extends Lab {
  /** `at('app')` is https://app.example.localhost:port */
  at(name: string, path?: string): string
  /** Requests that reached an application, `GET https://app…/`. */
  readonly reached: string[]
  /** Pages of hosts outside the portal, by `name/path`; anything else says which application it is. */
  readonly pages: Map<string, string>
  /** Where an application sends people, by `name/path`. */
  readonly redirects: Map<string, string>
  close(): Promise<void>
}

export async function openStage(changed: Partial<PortalSettings> = {}): Promise<Stage> {
  const names = { dns: [SITE, `*.${SITE}`] }
  const { privateKey: key, certificate: cert } = await makeSelfSigned(names, { now: Date.now(), days: 2 })
  const reached: string[] = []
  const pages = new Map<string, string>()
  const redirects = new Map<string, string>()
  let lab: Lab | undefined
  const server = createServer({ key, cert }, (request, response) => {
    const host = String(request.headers.host)
    const name = host.split('.')[0] ?? ''
    if (name === 'auth') return lab?.handler(request, response)
    reached.push(`${request.method} https://${host}${request.url}`)
    const further = redirects.get(`${name}${request.url}`)
    if (further !== undefined) return response.writeHead(302, { Location: further }).end()
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(pages.get(`${name}${request.url}`) ?? `<!doctype html><title>${name}</title><h1>${name}</h1>`)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const at = (name: string, path = '/'): string => `https://${name}.${SITE}:${port}${path}`
  lab = createLab({ cookies: [{ ...DOMAIN, domain: SITE, portalUrl: at('auth') }], ...changed })
  return Object.assign(lab, {
    at,
    reached,
    pages,
    redirects,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  })
}
