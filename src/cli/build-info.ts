// How this program was built. A build notes it in dist/build-info.json (scripts/build.ts); the sources as they are know the rest.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { packageFolder } from '../base/package-folder.ts'
import { VERSION } from '../base/version.ts'

export interface BuildInfo {
  readonly version: string
  /** `built`, or `sources` when they run as they are. */
  readonly state: 'built' | 'sources'
  /** Where git knew them; `dirty`: there were changes besides. */
  readonly tag: string | null
  readonly branch: string | null
  readonly commit: string | null
  readonly dirty: boolean | null
  /** RFC 3339, of the commit. */
  readonly date: string | null
  readonly os: string
  readonly arch: string
  readonly node: string
  readonly sqlite: string
  readonly openssl: string
}

export function buildInfo(): BuildInfo {
  const noted = readNoted()
  const text = (name: string): string | null => (typeof noted?.[name] === 'string' ? noted[name] : null)
  return {
    version: VERSION,
    state: import.meta.dirname.includes(join('src', 'cli')) ? 'sources' : 'built',
    tag: text('tag'),
    branch: text('branch'),
    commit: text('commit'),
    dirty: typeof noted?.['dirty'] === 'boolean' ? noted['dirty'] : null,
    date: text('date'),
    os: process.platform,
    arch: process.arch,
    node: process.version,
    sqlite: process.versions['sqlite'] ?? '',
    openssl: process.versions.openssl,
  }
}

function readNoted(): Record<string, unknown> | undefined {
  try {
    return JSON.parse(readFileSync(join(import.meta.dirname, '..', 'build-info.json'), 'utf8'))
  } catch {
    return undefined
  }
}

/** Name and installed version of everything that package.json depends on, in the order of names. */
export function dependencies(): readonly { readonly name: string; readonly version: string }[] {
  const require = createRequire(import.meta.url)
  const names = Object.keys(JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')).dependencies)
  return names.sort().map((name) => ({ name, version: installedVersion(name, require.resolve.paths(name) ?? []) }))
}

function installedVersion(name: string, places: readonly string[]): string {
  for (const place of places) {
    try {
      return String(JSON.parse(readFileSync(join(place, name, 'package.json'), 'utf8')).version)
    } catch {
      // Not in this one.
    }
  }
  return 'not installed'
}
