// Every key path that may be given from outside the YAML: the schemas' and the old ones.
import { DEPRECATED_KEYS } from './deprecated.ts'
import type { KnownKey } from './read/known-key.ts'
import { isSecretKey } from './secret-keys.ts'
import { keyPaths } from './shape.ts'

/** Current keys first. Paths through lists and names are among them; they have no variable. */
export function knownKeys(): KnownKey[] {
  const current = new Set(keyPaths())
  const old = DEPRECATED_KEYS.filter((path) => !current.has(path))
  return [
    ...[...current].map((path) => ({ path, secret: isSecretKey(path) })),
    ...old.map((path) => ({ path, secret: isSecretKey(path), deprecated: true })),
  ]
}
