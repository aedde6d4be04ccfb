// What the demo needs on disk and nobody keeps: configuration, two users with passwords of their own, a certificate. All in one folder that goes again.
import { randomBytes, randomInt } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueLeaf, makeAuthority } from '../../src/certs/authority.ts'
import { defaultHash, makeHash } from '../../src/directory/password-hash.ts'

export const DOMAIN = 'latchkey.localhost'
export const HOSTS = ['app', 'admin', 'public', 'denied'] as const

export interface DemoUser {
  readonly name: string
  readonly displayName: string
  readonly groups: readonly string[]
  readonly password: string
}

export interface DemoFiles {
  readonly configuration: string
  readonly users: readonly DemoUser[]
  readonly tls: { readonly cert: string; readonly key: string }
  readonly certificate: string
  readonly key: string
  /** The authority to trust; its key is nowhere. */
  readonly authority: string
}

export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-demo-'))
  // A proxy that root starts gives root up, and must reach its own files. Everything secret is readable by its owner only.
  if (process.getuid?.() === 0) chmodSync(folder, 0o711)
  return folder
}

export async function writeDemoFiles(folder: string, port: number, gatePort: number): Promise<DemoFiles> {
  const write = (name: string, text: string, mode = 0o600): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode })
    return path
  }
  const configuration = readFileSync(join(import.meta.dirname, 'configuration.yml'), 'utf8')
    .replaceAll(':8443', `:${port}`)
    .replace(':9091', `:${gatePort}`)
    .replace(/DEMO_\w+/g, () => randomBytes(32).toString('hex'))
  const users = PEOPLE.map((person) => ({ ...person, password: newPassword() }))
  write('users.yml', `users:\n${(await Promise.all(users.map(userEntry))).join('\n')}\n`)

  const lifetime = { now: Date.now(), days: 30 }
  const authority = await makeAuthority('Latchkey demo', [DOMAIN], lifetime)
  const leaf = await issueLeaf(authority, { dns: [`*.${DOMAIN}`, DOMAIN] }, lifetime)
  return {
    configuration: write('configuration.yml', configuration),
    users,
    tls: { cert: leaf.certificate, key: leaf.privateKey },
    certificate: write('tls.crt', leaf.certificate, 0o644),
    key: write('tls.key', leaf.privateKey),
    authority: write('latchkey-demo-ca.crt', authority.certificate, 0o644),
  }
}

const PEOPLE: readonly Omit<DemoUser, 'password'>[] = [
  { name: 'alice', displayName: 'Alice Liddell', groups: ['admins', 'family'] },
  { name: 'bob', displayName: 'Bob Sawyer', groups: ['family'] },
]
const WORDS =
  'amber basil cedar coral delta ember fern flint grove harbor iris jade lemon maple north olive pearl quartz river sage tulip umber violet willow'.split(
    ' ',
  )
const newPassword = (): string => Array.from({ length: 4 }, () => WORDS[randomInt(WORDS.length)]).join('-')

const userEntry = async (user: DemoUser): Promise<string> => `  ${user.name}:
    displayname: '${user.displayName}'
    email: '${user.name}@${DOMAIN}'
    groups: [${user.groups.join(', ')}]
    password: '${await makeHash(user.password, defaultHash)}'`
