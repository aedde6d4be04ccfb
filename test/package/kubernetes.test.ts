// The manifests: no cluster runs here, so that names, ports and volumes fit together is checked by hand, and the configuration by the loader.
import assert from 'node:assert/strict'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadAll } from 'js-yaml'
import { latchkey } from '../commands/run.ts'
import { root } from '../docs/page.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-kubernetes-'))
after(() => rmSync(folder, { recursive: true, force: true }))

interface Named {
  readonly name: string
}
interface Volume extends Named {
  readonly projected?: { readonly sources: readonly Readonly<Record<'configMap' | 'secret', Named | undefined>>[] }
  readonly secret?: { readonly secretName: string }
  readonly persistentVolumeClaim?: { readonly claimName: string }
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}
interface Container {
  readonly ports: readonly Named[]
  readonly securityContext: unknown
  readonly startupProbe: Probe
  readonly readinessProbe: Probe
  readonly livenessProbe: Probe
  readonly volumeMounts: readonly (Named & { readonly mountPath: string; readonly subPath?: string })[]
}
interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Named & { readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly data?: Readonly<Record<string, string>>
  readonly stringData?: Readonly<Record<string, string>>
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly securityContext: unknown
        readonly containers: readonly Container[]
        readonly volumes: readonly Volume[]
      }
    }
    readonly forwardAuth?: Readonly<Record<string, unknown>>
  }
}

const manifests = globSync('examples/kubernetes/*.yml', { cwd: root })
  .sort()
  .flatMap((file) => loadAll(readFileSync(join(root, file), 'utf8')) as Manifest[])
const find = (kind: string, name: string): Manifest => {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name)
  assert.ok(found, `${kind} ${name}`)
  return found
}
const pod = find('Deployment', 'latchkey').spec?.template?.spec
const [container] = pod?.containers ?? []

test('every manifest says what it is, and no two in one file are the same', () => {
  for (const { apiVersion, kind, metadata } of manifests) assert.ok(apiVersion && kind && metadata.name)
  const kinds = new Set(manifests.map(({ kind }) => kind))
  for (const kind of [
    'Namespace',
    'ConfigMap',
    'Secret',
    'PersistentVolumeClaim',
    'Deployment',
    'Service',
    'NetworkPolicy',
    'Ingress',
  ])
    assert.ok(kinds.has(kind), kind)
})

test('the pod is not root, has nothing it could gain, and writes to its volumes only', () => {
  const text = JSON.stringify([pod?.securityContext, container?.securityContext])
  for (const wanted of [
    '"runAsNonRoot":true',
    '"RuntimeDefault"',
    '"allowPrivilegeEscalation":false',
    '"readOnlyRootFilesystem":true',
    '"drop":["ALL"]',
  ])
    assert.ok(text.includes(wanted), wanted)
})

test('what the pod mounts and asks is there', () => {
  const volumes = new Set(pod?.volumes.map(({ name }) => name))
  for (const { name, subPath } of container?.volumeMounts ?? []) {
    assert.ok(volumes.has(name), name)
    assert.equal(subPath, undefined, 'changes would not arrive')
  }
  for (const { projected, secret, persistentVolumeClaim } of pod?.volumes ?? []) {
    for (const source of projected?.sources ?? []) {
      if (source.configMap) find('ConfigMap', source.configMap.name)
      if (source.secret) find('Secret', source.secret.name)
    }
    if (secret) find('Secret', secret.secretName)
    if (persistentVolumeClaim) find('PersistentVolumeClaim', persistentVolumeClaim.claimName)
  }
  const ports = new Set(container?.ports.map(({ name }) => name))
  for (const probe of [container?.startupProbe, container?.readinessProbe, container?.livenessProbe]) {
    assert.equal(probe?.httpGet.path, '/api/health')
    assert.ok(ports.has(probe?.httpGet.port ?? ''))
  }
})

test('the configuration in them starts', () => {
  // What the pod mounts, below a folder: /config, /users, /data.
  const below = (text: string): string => text.replaceAll(/'\/(users|data)\//g, `'${folder}/$1/`)
  for (const place of ['config', 'users', 'data']) mkdirSync(join(folder, place))
  const parts = { ...find('ConfigMap', 'latchkey').data, ...find('Secret', 'latchkey').stringData }
  for (const [name, text] of Object.entries(parts)) writeFileSync(join(folder, 'config', name), below(text))
  for (const [name, text] of Object.entries(find('Secret', 'latchkey-users').stringData ?? {}))
    writeFileSync(join(folder, 'users', name), text)
  const env = { X_LATCHKEY_CONFIG: join(folder, 'config'), LATCHKEY_SERVER_ADDRESS: 'tcp://127.0.0.1:0/' }
  const checked = latchkey(['serve', '--check'], { env })
  assert.equal(checked.code, 0, checked.stderr)
})

test('both ingresses take the identity headers from the answer', () => {
  const headers = ['Remote-User', 'Remote-Groups', 'Remote-Name', 'Remote-Email']
  const apps = manifests.filter(({ kind, metadata }) => kind === 'Ingress' && metadata.name === 'app')
  const [nginx, traefik] = apps.map(({ metadata }) => metadata.annotations ?? {})
  assert.equal(nginx?.['nginx.ingress.kubernetes.io/auth-response-headers'], headers.join(','))
  assert.match(nginx?.['nginx.ingress.kubernetes.io/auth-url'] ?? '', /\/api\/authz\/auth-request$/)
  assert.equal(traefik?.['traefik.ingress.kubernetes.io/router.middlewares'], 'latchkey-latchkey@kubernetescrd')
  const { forwardAuth } = find('Middleware', 'latchkey').spec ?? {}
  assert.deepEqual(forwardAuth?.['authResponseHeaders'], headers)
  assert.equal(forwardAuth?.['trustForwardHeader'], false)
})
