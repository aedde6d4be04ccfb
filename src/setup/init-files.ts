// The files of a new installation, as text: configuration, rules, secrets, users, certificate, schemas, the proxy's set-up. Writes nothing.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { compileTemplate, type Scope, Verbatim } from '../base/template.ts'
import { schemaDocument } from '../config/schema-document.ts'
import { defaultHash, makeHash } from '../directory/password-hash.ts'
import { oneLine } from '../yaml/one-line.ts'
import { type Answers, hostWithPort } from './answers.ts'
import { tlsFiles } from './init-tls.ts'
import { proxySetup } from './proxy-setup.ts'
import type { SetupFile, Site } from './site.ts'

export interface InitFile {
  /** Within the folder. */
  readonly path: string
  readonly text: string
  readonly mode: number
  /** Stays as it is where it exists already, whatever is asked for. */
  readonly keep?: boolean
}

export interface Secrets {
  readonly sessionSecret: string
  readonly encryptionKey: string
  readonly jwtSecret: string
}

/** Folders, which are made even where no file lies in them. */
export const INIT_FOLDERS = { config: 0o700, data: 0o700, tls: 0o755, schemas: 0o755, proxy: 0o755 } as const

/** What `serve --config` reads. */
export const CONFIG_FOLDER = 'config'
export const USERS_FILE = 'users.yml'
const SECRETS_FILE = 'config/secrets.yml'

/** Written whatever is answered. */
export const MAIN_FILES = [USERS_FILE, SECRETS_FILE, 'config/rules.yml', 'config/configuration.yml']

/** @throws Fault `proxy-unsupported`, `password-too-long` */
export async function initFiles(answers: Answers, secrets: Secrets, clock: Clock): Promise<InitFile[]> {
  const hash = await makeHash(answers.user.password, defaultHash)
  const scope = scopeOf(answers, secrets, hash)
  const yaml = (name: string, path: string, mode: number): InitFile => ({
    path,
    text: compileTemplate(name, TEMPLATES)(scope),
    mode,
  })
  const schema = (name: 'configuration' | 'users'): InitFile => ({
    path: `schemas/${name}.schema.json`,
    text: `${JSON.stringify(schemaDocument(name), null, 2)}\n`,
    mode: 0o644,
  })
  return [
    yaml('users.yml', USERS_FILE, 0o600),
    schema('configuration'),
    schema('users'),
    ...(await tlsFiles(answers, clock)),
    ...proxyFiles(answers).map(({ path, text, mode }) => ({ path, text, mode: mode ?? 0o644 })),
    { ...yaml('secrets.yml', SECRETS_FILE, 0o600), keep: true },
    yaml('rules.yml', 'config/rules.yml', 0o600),
    yaml('configuration.yml', 'config/configuration.yml', 0o600),
  ]
}

/** The chosen proxy's files below `proxy/`, with the places they belong to. */
export function proxyFiles(answers: Answers): readonly SetupFile[] {
  const { proxy } = answers
  if (proxy === undefined) return []
  return proxySetup(proxy, siteOf(answers)).map((file) => ({ ...file, path: `proxy/${proxy}/${file.path}` }))
}

function siteOf({ folder, portalHost, applications, listen, port }: Answers): Site {
  // Where Latchkey listens on every address, a proxy on the same machine asks it on its own.
  const host = { '': '127.0.0.1', '0.0.0.0': '127.0.0.1', '::': '::1' }[listen.host] ?? listen.host
  return {
    portalHosts: [portalHost],
    applications,
    gate: { scheme: 'http', host, port: listen.port },
    cookieName: '__Secure-latchkey_session',
    port,
    certificate: {
      certificateFile: join(folder, 'tls/tls.crt'),
      keyFile: join(folder, 'tls/tls.key'),
      bundleFile: join(folder, 'tls/tls.pem'),
    },
  }
}

function scopeOf(answers: Answers, secrets: Secrets, hash: string): Scope {
  const { folder, applications, listen, user, port } = answers
  const firstHost = applications[0]?.host ?? ''
  const url = (host: string): string => `https://${hostWithPort(host, port)}`
  return {
    ...secrets,
    listen: `tcp://${isIP(listen.host) === 6 ? `[${listen.host}]` : listen.host}:${listen.port}/`,
    trustedProxies: new Verbatim(oneLine(answers.trustedProxies)),
    domain: answers.domain,
    portalUrl: url(answers.portalHost),
    firstHost,
    firstUrl: url(firstHost),
    usersFile: join(folder, 'users.yml'),
    database: join(folder, 'data/latchkey.sqlite3'),
    notifications: join(folder, 'data/notifications.txt'),
    policy: answers.secondFactor ? 'two_factor' : 'one_factor',
    applications: applications.map(({ host }) => ({ host })),
    name: user.name,
    displayname: user.displayname,
    email: user.email,
    hash,
  }
}

const folder = join(import.meta.dirname, '../../templates/config')
const TEMPLATES = {
  part: (name: string) => readFileSync(join(folder, name), 'utf8'),
  text: () => undefined,
  escape: oneLine,
}
