// Makes an example folder runnable on any machine: copies it and puts this machine's ports, folders and certificate in place of the literals that
// all examples use. The demo and the end-to-end tests run the examples through this, so the files a reader copies are the files that were tested.
import { accessSync, chmodSync, constants, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Command } from './children.ts'

export const proxyNames = ['nginx', 'haproxy', 'caddy', 'apache', 'varnish', 'traefik', 'envoy'] as const
export type ProxyName = (typeof proxyNames)[number]

export interface Place {
  /** Is created; everything the proxy writes stays in it. Proxies started by root give root up: its parents must be open to others (mode 711). */
  readonly folder: string
  /** Where the proxy listens for https (127.0.0.1). */
  readonly port: number
  readonly gatePort: number
  readonly applicationPort: number
  /** Replaces example.com. */
  readonly domain: string
  /** PEM files. */
  readonly certificate: string
  readonly key: string
  /** Stand in the place of the example's files of the same names. */
  readonly files?: readonly { readonly path: string; readonly text: string }[]
}

export type Prepared =
  | { readonly kind: 'ready'; readonly processes: readonly Command[] }
  | { readonly kind: 'missing'; readonly hint: string }

interface Recipe {
  /** Programs it needs, by the variable that may name them. */
  readonly programs: Readonly<Record<string, string>>
  /** Ports and folders as this proxy writes them; `withLiterals` does what is the same everywhere. */
  readonly literals: (text: string, place: Place) => string
  readonly processes: (place: Place, program: (variable: string) => string) => readonly Command[]
}

const isRoot = process.getuid?.() === 0

/** What a packaged proxy has around the example (main file, modules, folders), and how this proxy's language writes a port. */
const RECIPES: Readonly<Record<ProxyName, Recipe>> = {
  nginx: {
    programs: { NGINX_BIN: 'nginx' },
    literals: (text, place) => text.replace(/listen 443\b/g, `listen 127.0.0.1:${place.port}`),
    processes: (place, programs) => {
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      const main = `${isRoot ? 'user root;' : ''} daemon off; pid ${place.folder}/nginx.pid; error_log stderr warn; worker_processes 1;
events { worker_connections 512; }
http {
  access_log off; default_type application/octet-stream;
  ${temporary.map((name) => `${name}_temp_path ${place.folder}/${name}_temp;`).join(' ')}
  include ${place.folder}/latchkey.conf;
}\n`
      writeFileSync(join(place.folder, 'nginx.conf'), main)
      return [
        {
          command: programs('NGINX_BIN'),
          args: ['-p', place.folder, '-c', join(place.folder, 'nginx.conf'), '-e', 'stderr'],
        },
      ]
    },
  },
  haproxy: {
    programs: { HAPROXY_BIN: 'haproxy' },
    literals: (text, place) =>
      text.replace('bind :443', `bind 127.0.0.1:${place.port}`).replaceAll('/etc/haproxy/', `${place.folder}/`),
    processes: (place, programs) => [
      { command: programs('HAPROXY_BIN'), args: ['-db', '-f', join(place.folder, 'haproxy.cfg')] },
    ],
  },
  caddy: {
    programs: { CADDY_BIN: 'caddy' },
    literals: (text) => text,
    processes: (place, programs) => {
      const main = `{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n\tstorage file_system ${place.folder}/state\n}\nimport ${place.folder}/Caddyfile\n`
      writeFileSync(join(place.folder, 'main.caddyfile'), main)
      return [
        {
          command: programs('CADDY_BIN'),
          args: ['run', '--config', join(place.folder, 'main.caddyfile'), '--adapter', 'caddyfile'],
          env: { XDG_CONFIG_HOME: place.folder, XDG_DATA_HOME: place.folder, HOME: place.folder },
        },
      ]
    },
  },
  apache: {
    programs: { APACHE_BIN: 'apache2' },
    literals: (text, place) =>
      text
        .replaceAll('*:443', `127.0.0.1:${place.port}`)
        .replaceAll('/etc/apache2/latchkey.lua', `${place.folder}/latchkey.lua`),
    processes: (place, programs) => {
      const modules =
        'mpm_event authn_core authz_core authz_user alias headers setenvif env socache_shmcb ssl http2 proxy proxy_http lua'
      const main = `ServerRoot ${place.folder}
ServerName localhost
PidFile ${place.folder}/apache.pid
DefaultRuntimeDir ${place.folder}
Mutex file:${place.folder} default
ErrorLog ${place.folder}/error.log
LogLevel warn
${isRoot ? 'User nobody\nGroup nogroup' : ''}
${modules
  .split(' ')
  .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`)
  .join('\n')}
StartServers 1
ServerLimit 1
ThreadsPerChild 25
MaxRequestWorkers 25
SSLSessionCache none
Listen 127.0.0.1:${place.port}
Include ${place.folder}/latchkey.conf\n`
      writeFileSync(join(place.folder, 'apache.conf'), main)
      return [{ command: programs('APACHE_BIN'), args: ['-X', '-f', join(place.folder, 'apache.conf')] }]
    },
  },
  varnish: {
    programs: { VARNISH_BIN: 'varnishd', HITCH_BIN: 'hitch' },
    literals: (text, place) =>
      text
        .replace('.port = "9091"', `.port = "${place.gatePort}"`)
        .replace('.port = "8080"', `.port = "${place.applicationPort}"`)
        .replace('host="*" port="443"', `host="127.0.0.1" port="${place.port}"`)
        .replace('host = "*" port = "443"', `host = "127.0.0.1" port = "${place.port}"`)
        .replaceAll('/run/latchkey/', `${place.folder}/`),
    processes: (place, programs) => {
      const socket = join(place.folder, 'varnish.sock')
      const storage = ['-s', 'malloc,64m', '-p', 'thread_pool_min=10', '-p', 'thread_pools=1']
      return [
        {
          command: programs('VARNISH_BIN'),
          args: [
            '-F',
            '-j',
            'none',
            '-n',
            join(place.folder, 'varnishd'),
            '-a',
            `${socket},PROXY,mode=666`,
            '-f',
            join(place.folder, 'latchkey.vcl'),
            ...storage,
          ],
        },
        { command: programs('HITCH_BIN'), args: ['--config', join(place.folder, 'hitch.conf')], after: socket },
      ]
    },
  },
  traefik: {
    programs: { TRAEFIK_BIN: 'traefik' },
    literals: (text, place) =>
      text.replace("':443'", `'127.0.0.1:${place.port}'`).replaceAll('/etc/traefik/', `${place.folder}/`),
    processes: (place, programs) => [
      { command: programs('TRAEFIK_BIN'), args: [`--configFile=${join(place.folder, 'traefik.yml')}`] },
    ],
  },
  envoy: {
    programs: { ENVOY_BIN: 'envoy' },
    literals: (text, place) =>
      text
        .replace('address: 0.0.0.0, port_value: 443', `address: 127.0.0.1, port_value: ${place.port}`)
        .replace('port_value: 9091', `port_value: ${place.gatePort}`)
        .replace('port_value: 8080', `port_value: ${place.applicationPort}`)
        .replace(/(\.[a-z]+):443'/g, `$1:${place.port}'`),
    processes: (place, programs) => [
      {
        command: programs('ENVOY_BIN'),
        args: ['-c', join(place.folder, 'envoy.yaml'), '--use-dynamic-base-id', '--log-level', 'warning'],
      },
    ],
  },
}

/** Copies `examples/<proxy>` into `place.folder` with this machine's literals, or says which program is missing. */
export function prepareExample(proxy: ProxyName, place: Place): Prepared {
  const recipe = RECIPES[proxy]
  const programs: Record<string, string> = {}
  for (const [variable, name] of Object.entries(recipe.programs)) {
    const path = process.env[variable] || onPath(name)
    if (!path || !isExecutable(path)) {
      const hint = path
        ? `${variable} names ${path}, which can't be run`
        : `put ${name} on PATH, or its path into ${variable}`
      return { kind: 'missing', hint }
    }
    programs[variable] = path
  }
  copyExample(proxy, place, recipe.literals)
  // HAProxy and hitch want certificate and key in one file.
  const pem = [place.certificate, place.key].map((file) => readFileSync(file, 'utf8').trimEnd())
  writeFileSync(join(place.folder, 'tls.pem'), `${pem.join('\n')}\n`, { mode: 0o600 })
  return { kind: 'ready', processes: recipe.processes(place, (variable) => programs[variable] ?? variable) }
}

/** The files of one example, with this machine's literals. */
export function copyExample(proxy: ProxyName, place: Place, literals: Recipe['literals'] = (text) => text): void {
  mkdirSync(place.folder, { recursive: true })
  chmodSync(place.folder, isRoot ? 0o711 : 0o700)
  const source = join(import.meta.dirname, proxy)
  for (const name of readdirSync(source)) {
    const text = place.files?.find(({ path }) => path === name)?.text ?? readFileSync(join(source, name), 'utf8')
    writeFileSync(join(place.folder, name), literals(withLiterals(text, place), place))
  }
}

/** example.com in a regular expression is written example\.com. */
function withLiterals(text: string, place: Place): string {
  return text
    .replaceAll('/etc/latchkey/tls.crt', place.certificate)
    .replaceAll('/etc/latchkey/tls.key', place.key)
    .replaceAll('/etc/latchkey/tls.pem', join(place.folder, 'tls.pem'))
    .replace(/https:\/\/([a-z]+)\.example\.com(?![:\w.])/g, `https://$1.example.com:${place.port}`)
    .replaceAll('example\\.com', place.domain.replaceAll('.', '\\.'))
    .replaceAll('example.com', place.domain)
    .replace(/\b127\.0\.0\.1:9091\b/g, `127.0.0.1:${place.gatePort}`)
    .replace(/\b127\.0\.0\.1:8080\b/g, `127.0.0.1:${place.applicationPort}`)
}

const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin']
function onPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
