// The gate behind nginx, asked by the very snippet of examples/nginx, against a bare server behind the same nginx.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atLeast, compare, type Measurement, using } from './measurement.ts'
import { answers, find, freePort, start } from './program.ts'
import { appliance, bareServer, gateRequests } from './scene.ts'
import type { Headers } from './wrk.ts'

const example = join(import.meta.dirname, '..', '..', 'examples', 'nginx')
const CONNECTIONS = 32

export const throughNginx: Measurement = async (bench) => {
  const { scene } = bench
  const nginx = find('nginx')
  if (nginx === undefined) throw new Error('nginx is not installed')
  // No cores are given out: three programs share two.
  const gate = await appliance(scene, 'few-rules', { isPinned: false })
  const bare = await bareServer(scene, false)
  const [portOfGate, portOfBare] = [await freePort(), await freePort()]
  const configuration = join(scene.folder, 'nginx.conf')
  writeFileSync(configuration, nginxConfiguration(scene.folder, portOfGate, gate.port, portOfBare, bare.port))
  const proxy = start(nginx, ['-p', scene.folder, '-c', configuration, '-e', 'stderr'], scene.folder)
  return using([proxy, gate, bare], async () => {
    await answers(`http://127.0.0.1:${portOfBare}/`)
    const headers = gateRequests(scene, 1).map(throughProxy)
    const a = { url: `http://127.0.0.1:${portOfGate}/`, headers }
    const b = { url: `http://127.0.0.1:${portOfBare}/`, headers }
    return [atLeast('gate ÷ bare server, both through nginx', 0.9, await compare(bench, a, b, CONNECTIONS, undefined))]
  })
}

/** What the browser sends. */
const throughProxy = ({ 'X-Forwarded-Host': host = '', ...headers }: Headers): Headers =>
  Object.fromEntries(Object.entries({ ...headers, Host: host }).filter(([name]) => !name.startsWith('X-Forwarded-')))

function nginxConfiguration(folder: string, gatePort: number, gate: number, barePort: number, bare: number): string {
  // Without TLS at nginx, whose price would hide the gate's; the question still says https.
  const snippet = readFileSync(join(example, 'latchkey-gate.conf'), 'utf8').replace('$scheme://', 'https://')
  const protect = readFileSync(join(example, 'latchkey-protect.conf'), 'utf8')
  const server = (port: number, upstream: string): string => `
  server {
    listen 127.0.0.1:${port};
    ${snippet.replace('http://latchkey/', `http://${upstream}/`)}
    location / {
      ${protect}
      proxy_pass http://application;
    }
  }`
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const maps = /^map .*?^}$|^map [^\n]*}$/gms
  const shared = readFileSync(join(example, 'latchkey.conf'), 'utf8').match(maps) ?? []
  return `
daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr crit;
events { worker_connections 512; }
http {
  access_log off;
  keepalive_requests 10000000;
  ${temporary.map((name) => `${name}_temp_path ${folder}/nginx-${name};`).join('\n  ')}
  upstream gate { server 127.0.0.1:${gate}; keepalive 64; }
  upstream bare { server 127.0.0.1:${bare}; keepalive 64; }
  upstream application { server unix:${folder}/application.sock; keepalive 64; }
  server { listen unix:${folder}/application.sock; location / { return 200; } }
  ${shared.join('\n  ')}
  ${server(gatePort, 'gate')}
  ${server(barePort, 'bare')}
}
`
}
