// Loads a configuration written down in a test: the least that is valid, with changes laid over it. Files live in a folder of the test's own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { type Loaded, loadConfig } from '../../src/config/load.ts'
import type { Problem } from '../../src/yaml/problem.ts'

type Tree = { [key: string]: unknown }

export const LEAST: Tree = {
  authentication_backend: { file: { path: 'users.yml' } },
  access_control: { rules: [{ domain: 'app.example.com', policy: 'one_factor' }] },
  session: { cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }] },
  storage: { encryption_key: 'a-key-for-tests-of-some-length', local: { path: 'db.sqlite3' } },
  notifier: { filesystem: { filename: 'mail.txt' } },
  identity_validation: { reset_password: { jwt_secret: 'a-secret-for-tests-that-is-long-enough' } },
  server: { trusted_proxies: ['127.0.0.1'] },
}

export interface Around {
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
}

/** Maps merge, everything else replaces; `undefined` takes a key away. */
export function merged(under: Tree, over: Tree): Tree {
  const out: Tree = { ...under }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) delete out[key]
    else out[key] = isTree(value) && isTree(out[key]) ? merged(out[key], value) : value
  }
  return out
}
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The least valid configuration with `changes` laid over it. */
export const loadWith = (changes: Tree, around: Around = {}): Loaded =>
  loadText(JSON.stringify(merged(LEAST, changes), null, 1), around)

export function loadText(yaml: string, { env = {}, files = {} }: Around = {}): Loaded {
  const cwd = mkdtempSync(join(tmpdir(), 'latchkey-load-'))
  try {
    for (const [name, text] of Object.entries({ ...files, 'configuration.yml': yaml })) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true })
      writeFileSync(join(cwd, name), text)
    }
    return loadConfig({ paths: ['configuration.yml'], explicit: true, env, filters: [], cwd })
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

export function configWith(changes: Tree, around: Around = {}): Config {
  const loaded = loadWith(changes, around)
  if (loaded.kind === 'invalid') throw new Error(loaded.problems.map((problem) => problem.message).join('\n'))
  return loaded.config
}

export const problemsOf = (loaded: Loaded): readonly Problem[] =>
  loaded.kind === 'ok' ? loaded.warnings : loaded.problems

/** `code path` of each error, in order. */
export const errorsWith = (changes: Tree, around: Around = {}): string[] => codes(loadWith(changes, around), 'error')
/** `code path` of each warning but those that the least configuration has already. */
export const warningsWith = (changes: Tree, around: Around = {}): string[] =>
  codes(loadWith(changes, around), 'warning').filter((code) => !code.startsWith('no-effect-yet'))

const codes = (loaded: Loaded, severity: Problem['severity']): string[] =>
  problemsOf(loaded)
    .filter((problem) => problem.severity === severity)
    .map((problem) => `${problem.code} ${problem.path ?? ''}`)
