// What needs no asking: which proxy is on this machine, and who sits in front of it.
import { accessSync, constants } from 'node:fs'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { PROXY_NAMES, type ProxyName } from './proxy-name.ts'

const PROGRAMS: Readonly<Record<ProxyName, readonly string[]>> = {
  nginx: ['nginx'],
  traefik: ['traefik'],
  caddy: ['caddy'],
  haproxy: ['haproxy'],
  envoy: ['envoy'],
  apache: ['apache2', 'httpd'],
  varnish: ['varnishd'],
}
/** Where servers are, also for people whose PATH doesn't name it. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/sbin']

/** @param path of PATH's form */
export function installedProxies(path: string): readonly ProxyName[] {
  const folders = [...path.split(delimiter).filter(Boolean), ...SYSTEM_FOLDERS]
  const isThere = (program: string): boolean => folders.some((folder) => isExecutable(join(folder, program)))
  return PROXY_NAMES.filter((name) => PROGRAMS[name].some(isThere))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The account's name, unless it is nobody's in particular. */
export function likelyUser(): string | undefined {
  try {
    const { username } = userInfo()
    return ['root', 'node', 'nobody', 'latchkey'].includes(username) ? undefined : username
  } catch {
    // An account without an entry in the system's table of users has no name.
    return undefined
  }
}
