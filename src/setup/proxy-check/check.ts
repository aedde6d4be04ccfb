// Checks a proxy's set-up that somebody has already: reads the files, hands them to the proxy's own checks.
import type { ProxyName } from '../proxy-name.ts'
import type { Hosts } from '../site-of-config.ts'
import { checkApache } from './apache.ts'
import { checkCaddy } from './caddy.ts'
import { checkEnvoy } from './envoy.ts'
import { type Finding, Findings } from './finding.ts'
import { checkHaproxy } from './haproxy.ts'
import { checkHosts } from './hosts.ts'
import { checkNginx } from './nginx.ts'
import { readSource, type Source } from './source.ts'
import { checkTraefik } from './traefik.ts'
import { checkVarnish } from './varnish.ts'

export interface Checked {
  /** As given. */
  readonly checked: readonly string[]
  readonly findings: readonly Finding[]
}

const CHECKS: Readonly<Record<ProxyName, (given: readonly Source[], findings: Findings) => void>> = {
  nginx: checkNginx,
  traefik: checkTraefik,
  caddy: checkCaddy,
  haproxy: checkHaproxy,
  envoy: checkEnvoy,
  apache: checkApache,
  varnish: checkVarnish,
}

/** @param hosts that the files should name. @throws Fault `proxy-file` for a file that can't be read, or isn't in this proxy's language */
export function checkProxy(proxy: ProxyName, paths: readonly string[], hosts?: Hosts): Checked {
  return checkSources(proxy, [...new Set(paths)].map(readSource), hosts)
}

/** @param given never empty. @throws Fault `proxy-file` for text that isn't in this proxy's language */
export function checkSources(proxy: ProxyName, given: readonly Source[], hosts?: Hosts): Checked {
  const findings = new Findings()
  CHECKS[proxy](given, findings)
  if (hosts !== undefined) checkHosts(given, hosts, findings)
  const checked = given.map(({ path }) => path)
  return { checked, findings: findings.sorted(checked) }
}
