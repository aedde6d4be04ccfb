// What is left to do by hand when the files of a new installation are written: two or three commands, and where to go then.
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Answers, hostWithPort } from './answers.ts'
import { CONFIG_FOLDER } from './init-files.ts'
import type { ProxyName } from './proxy-name.ts'
import type { SetupFile } from './site.ts'

/** The service that the distributions' packages have. */
const RELOAD: Readonly<Record<ProxyName, string>> = {
  nginx: 'sudo nginx -t && sudo systemctl reload nginx',
  traefik: 'sudo systemctl restart traefik',
  caddy: 'sudo systemctl reload caddy',
  haproxy: 'sudo systemctl reload haproxy',
  envoy: 'sudo systemctl restart envoy',
  apache: 'sudo a2enmod ssl headers lua proxy proxy_http && sudo a2ensite latchkey && sudo systemctl restart apache2',
  varnish: 'sudo systemctl restart varnish hitch',
}

/** Those that read the key as a user of their own, whose group it is then; the others read it as root. */
const READS_AS: Readonly<Partial<Record<ProxyName, string>>> = { caddy: 'caddy', envoy: 'envoy' }

/** @param files of the proxy, `path` within the folder */
export function nextSteps(answers: Answers, files: readonly SetupFile[]): string[] {
  const { folder, proxy, portalHost, applications, port } = answers
  const steps = [`latchkey serve --config ${quoted(join(folder, CONFIG_FOLDER))}`]
  if (proxy !== undefined) {
    const places = Map.groupBy(files, ({ goesTo }) => dirname(goesTo))
    const copies = [...places].map(
      ([place, some]) => `sudo cp ${some.map(({ path }) => quoted(join(folder, path))).join(' ')} ${place}/`,
    )
    const reader = READS_AS[proxy]
    const key = quoted(join(folder, 'tls/tls.key'))
    const readable = reader === undefined ? [] : [`sudo chgrp ${reader} ${key} && sudo chmod 640 ${key}`]
    steps.push([...copies, ...readable, RELOAD[proxy]].join(' && '))
  }
  // Browsers warn until they know the authority.
  steps.push(`latchkey cert trust ${quoted(join(folder, 'tls/ca.crt'))}`)
  steps.push(`open https://${hostWithPort(applications[0]?.host ?? portalHost, port)}/`)
  return steps
}

/** What would stop those steps, or go lost by them; one sentence each. @param files of the proxy */
export function obstacles({ folder, proxy }: Answers, files: readonly SetupFile[]): string[] {
  const reader = proxy === undefined ? undefined : READS_AS[proxy]
  const closed = reader === undefined ? undefined : closedFolder(folder)
  const replaced = files.map(({ goesTo }) => goesTo).filter((place) => existsSync(place))
  return [
    ...(closed === undefined
      ? []
      : [
          `The user ${reader} can't get through ${closed} to the certificate in ${folder}/tls: run init again with a folder such as /etc/latchkey, or let others through with \`chmod o+x ${quoted(closed)}\`.`,
        ]),
    ...(replaced.length === 0
      ? []
      : [`There is already ${replaced.join(' and ')}, which is replaced by what follows: keep what you need of it.`]),
  ]
}

/** The topmost folder that others may not pass through. */
function closedFolder(folder: string): string | undefined {
  const above = dirname(folder) === folder ? undefined : closedFolder(dirname(folder))
  if (above !== undefined) return above
  return (statSync(folder).mode & 0o001) === 0 ? folder : undefined
}

/** For a shell. */
const quoted = (path: string): string => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
