// What is left to do by hand when the files of a new installation are written: two or three commands, and where to go then.
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
  const { folder, proxy, portalHost, port } = answers
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
  const authority = join(folder, 'tls/ca.crt')
  steps.push(`open https://${hostWithPort(portalHost, port)}/ (the browser has to trust ${authority} first)`)
  return steps
}

/** For a shell. */
const quoted = (path: string): string => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
