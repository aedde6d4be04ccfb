// Holds the table of who may import whom (ARCHITECTURE.md) as data and fails on an arrow that isn't in it.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const ANYTHING = '*'
/** folder → folders it may import; `name:type` is allowed as `import type` only. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  yaml: ['base'],
  certs: ['base'],
  forwarded: ['policy:type', 'base'],
  // yaml: the operator's cases, and names that were meant
  policy: ['yaml', 'base', 'config:type'],
  protocol: ['forwarded', 'policy:type', 'base'],
  // i18n: an operator's own texts are judged with the configuration
  config: ['i18n', 'yaml', 'policy:type', 'base'],
  directory: ['yaml', 'config:type', 'base'],
  storage: ['base'],
  session: ['storage', 'policy:type', 'base'],
  // The trail of security events: into the log and storage.
  audit: ['storage:type', 'base:type'],
  // Languages: catalogues of texts and the choice among them.
  i18n: ['base'],
  // Mail: templates, SMTP, file. config: the form of templates that an operator brings along from Authelia.
  notify: ['i18n:type', 'config', 'base'],
  login: ['directory:type', 'storage:type', 'audit:type', 'notify:type', 'policy:type', 'config:type', 'base'],
  portal: [
    'login',
    'i18n:type',
    'audit:type',
    'notify:type',
    'session:type',
    'forwarded',
    'directory:type',
    'storage:type',
    'policy:type',
    'config:type',
    'base',
  ],
  import: ['storage', 'base'],
  // Set-ups for proxies: rendered from a configuration, and checked where they exist already.
  setup: ['certs', 'directory', 'config', 'yaml', 'base'],
  // What an operator does to the state; run by a command or, through the socket, by the server.
  admin: ['storage:type', 'session:type', 'audit:type', 'base'],
  backup: ['storage', 'session', 'base'],
  server: [ANYTHING, '!commands', '!cli'],
  // What commands share: nearly everything but login and portal; server only to talk to a running one, and from serve.ts.
  cli: [
    'config',
    'yaml',
    'storage',
    'session',
    'directory',
    'policy',
    'forwarded',
    'certs',
    'admin',
    'audit',
    'server',
    'setup',
    'base',
  ],
  commands: [ANYTHING],
}
/** Packages that belong to one folder. */
const ONLY_IN: Record<string, readonly string[]> = {
  express: ['portal'],
  'express-session': ['session', 'portal'],
  'connect-sqlite3': ['session'],
  argon2: ['directory'],
  bcryptjs: ['directory'],
  helmet: ['portal'],
  pino: ['base'],
  'ipaddr.js': ['base'],
  tldts: ['config'],
  re2js: ['config', 'policy'],
  '@peculiar/x509': ['certs'],
  qrcode: ['login'],
  i18next: ['i18n'],
  '@zxcvbn-ts/core': ['directory'],
  '@zxcvbn-ts/language-common': ['directory'],
  '@zxcvbn-ts/language-en': ['directory'],
  otplib: ['login'],
  '@simplewebauthn/server': ['login'],
  '@simplewebauthn/server/helpers': ['login'],
  'js-yaml': ['yaml'],
  '@oclif/core': ['commands', 'cli'],
  nodemailer: ['notify'],
  kysely: ['storage', 'session', 'import'],
}

const root = join(import.meta.dirname, '..')
interface Arrow {
  readonly file: string
  readonly from: string
  readonly specifier: string
  readonly typeOnly: boolean
  /** `import(…)`: loaded when that line is reached. */
  readonly isDynamic: boolean
}

const arrows: Arrow[] = globSync('src/**/*.ts', { cwd: root }).flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8')
  const from = file.split('/')[1] ?? ''
  return [
    ...text.matchAll(
      /^(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm,
    ),
  ].map((m) => ({
    file,
    from,
    specifier: m[2] ?? m[3] ?? '',
    typeOnly: m[1] !== undefined,
    isDynamic: m[3] !== undefined,
  }))
})

const folderOf = ({ file, specifier }: Arrow): string =>
  relative(join(root, 'src'), join(root, dirname(file), specifier)).split('/')[0] ?? ''

test('every import between folders is in the table', () => {
  const broken = arrows.filter((arrow) => {
    const { from, specifier, typeOnly } = arrow
    if (!specifier.startsWith('.')) return false
    const to = folderOf(arrow)
    if (to === from || to === '..') return false
    const allowed = MAY_IMPORT[from] ?? []
    if (allowed.includes(`!${to}`)) return true
    if (allowed.includes(ANYTHING) || allowed.includes(to)) return false
    return !(typeOnly && allowed.includes(`${to}:type`))
  })
  assert.deepEqual(
    broken.map((a) => `${a.file} -> ${a.specifier}`),
    [],
  )
})

test('pages and API know nothing of each other: what they share stands beside them', () => {
  const crossing = arrows.filter(({ file, specifier, typeOnly }) => {
    const to = specifier.startsWith('.') ? join(dirname(file), specifier) : ''
    const [one, other] = ['src/portal/api/', 'src/portal/handlers/']
    return (
      !typeOnly && ((file.startsWith(one) && to.startsWith(other)) || (file.startsWith(other) && to.startsWith(one)))
    )
  })
  assert.deepEqual(
    crossing.map(({ file, specifier }) => `${file} -> ${specifier}`),
    [],
  )
})

test('the table allows nothing that no file needs', () => {
  const needed = new Set(
    arrows
      .filter(({ specifier }) => specifier.startsWith('.'))
      .flatMap((arrow) => {
        const pair = `${arrow.from} -> ${folderOf(arrow)}`
        return arrow.typeOnly ? [`${pair}:type`] : [`${pair}:type`, pair]
      }),
  )
  const allowed = Object.entries(MAY_IMPORT).flatMap(([from, list]) => list.map((to) => `${from} -> ${to}`))
  assert.deepEqual(
    allowed.filter((pair) => !/[*!]/.test(pair) && !needed.has(pair)),
    [],
  )
})

test('a package that belongs to one folder is imported nowhere else', () => {
  const broken = arrows.filter(({ from, specifier, typeOnly }) => {
    const owners = ONLY_IN[specifier]
    return owners !== undefined && !owners.includes(from) && !typeOnly
  })
  assert.deepEqual(
    broken.map((a) => `${a.file} -> ${a.specifier}`),
    [],
  )
})

/** What takes memory or time to load, and is loaded when somebody needs it. */
const ON_DEMAND = [
  '@peculiar/x509',
  '@simplewebauthn/server',
  '@simplewebauthn/server/helpers',
  '@zxcvbn-ts/core',
  '@zxcvbn-ts/language-common',
  '@zxcvbn-ts/language-en',
  'argon2',
  'bcryptjs',
  'nodemailer',
  'qrcode',
]

test('a server that starts loads nothing that it may never need', () => {
  const reached = new Set(['src/cli/serve.ts'])
  const found: string[] = []
  for (const at of reached) {
    for (const { file, specifier, typeOnly, isDynamic } of arrows) {
      if (file !== at || typeOnly || isDynamic) continue
      if (specifier.startsWith('.')) reached.add(join(dirname(file), specifier))
      else if (ON_DEMAND.includes(specifier)) found.push(`${file} -> ${specifier}`)
    }
  }
  assert.ok(reached.has('src/portal/app.ts') && reached.has('src/notify/smtp.ts'))
  assert.deepEqual(found, [])
})

test('every package that an installation brings is needed', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const texts = globSync('src/**/*.{ts,cjs}', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'))
  const isNamed = (name: string): boolean =>
    texts.some((text) => [`'${name}'`, `'${name}/`, `"${name}/`].some((quoted) => text.includes(quoted)))
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => !isNamed(name)),
    [],
  )
})

test('every folder of src has a line in the table', () => {
  const folders = new Set(arrows.map((a) => a.from))
  assert.deepEqual(
    [...folders].filter((folder) => !(folder in MAY_IMPORT)),
    [],
  )
})
