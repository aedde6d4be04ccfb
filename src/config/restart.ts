// Which keys a running server can't take up: it says so by name, and they count from the next start on.

/** Key → why. */
export const NEEDS_RESTART: Readonly<Record<string, string>> = {
  'server.address': 'the server listens there already',
  'server.buffers': 'they belong to the listening socket',
  'server.timeouts': 'they belong to the listening socket',
  'storage.local': 'the database is open',
  'storage.encryption_key': 'the database is open, and its secrets are sealed with it',
}

/** Why a change of `path` waits for a restart; undefined when a reload is enough. */
export function restartReason(path: string): string | undefined {
  return Object.entries(NEEDS_RESTART).find(([key]) => path === key || path.startsWith(`${key}.`))?.[1]
}
