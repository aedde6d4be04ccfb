// Which server a command means: the one on the database that the configuration names. A configuration that is broken at the moment will do, since
// that is when one asks how the server is.
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { socketPath } from '../../admin/socket-path.ts'
import { Fault } from '../../base/fault.ts'
import { loadConfig } from '../../config/load.ts'
import { formatProblems } from '../../config/problem-text.ts'
import { type ConfigFlags, loadRequest } from '../config/load-request.ts'

export interface ServerFlags extends ConfigFlags {
  readonly 'sqlite.path'?: string | undefined
}

/**
 * @returns `storage.local.path`, absolute
 * @throws Fault `configuration-invalid` (exit 3) when not even a broken configuration tells it
 */
export function storagePathFor(flags: ServerFlags): string {
  const request = loadRequest(flags)
  if (flags['sqlite.path']) return resolve(request.cwd, flags['sqlite.path'])
  const loaded = loadConfig(request)
  if (loaded.kind === 'ok') return loaded.config.storage.path
  const named = [
    ...['LATCHKEY_STORAGE_LOCAL_PATH', 'AUTHELIA_STORAGE_LOCAL_PATH'].map((name) => request.env[name]),
    ...loaded.sourceFiles.flatMap(pathsIn),
  ]
  // Of all the paths that are written there, the one beside which a server has its socket.
  const found = named
    .filter((path) => path !== undefined)
    .map((path) => resolve(request.cwd, path))
    .find(hasSocket)
  if (found !== undefined) return found
  throw new Fault(
    'configuration-invalid',
    `the configuration is not valid, and nothing in it says where the server's database is\n${formatProblems(loaded.problems)}`,
    { hint: 'Name the database with --sqlite.path.' },
  )
}

/** Values of keys named `path`, in whatever is left of YAML or JSON. */
function pathsIn(file: string): string[] {
  try {
    const text = readFileSync(file, 'utf8')
    return [
      ...text.matchAll(/(?:^|[\s{,])["']?path["']?\s*:\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s,}"'#][^,}#\n]*))/gm),
    ].map((match) => (match[1] ?? match[2] ?? match[3] ?? '').trim())
  } catch {
    return []
  }
}

function hasSocket(storagePath: string): boolean {
  try {
    return statSync(socketPath(storagePath)).isSocket()
  } catch {
    return false
  }
}
