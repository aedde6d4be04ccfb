// What `serve` tells the person who started it: what is protected, at which address, and what is unsafe with what to do about it. No secret is in it.
import { readFileSync, statSync } from 'node:fs'
import { VERSION } from '../../base/version.ts'
import { certificateExpiry, expiryWarning } from '../../certs/expiry.ts'
import type { Config, RuleConfig } from '../../config/config.ts'
import type { RunningServer } from '../../server/server.ts'
import type { Problem } from '../../yaml/problem.ts'

export interface BannerFacts {
  /** Of the configuration; those about safety are told here. */
  readonly warnings: readonly Problem[]
  /** `--watch` or `--no-watch`. */
  readonly watch: boolean | undefined
}

interface Weakness {
  readonly message: string
  readonly hint: string | undefined
}

const ABOUT_SAFETY = new Set(['trusted-proxies-unset', 'short-secret', 'open-by-default', 'unsafe'])
/** Hosts of one kind that are listed by name. */
const MAX_LISTED = 8
const INDENT = 13

export const isToldInBanner = ({ code }: Problem): boolean => ABOUT_SAFETY.has(code)

export function startBanner(
  config: Config,
  server: Pick<RunningServer, 'address' | 'tls' | 'users'>,
  facts: BannerFacts,
): string {
  const { accessControl, session, directory } = config
  const row = (name: string, ...lines: readonly string[]): string[] =>
    lines.map((line, i) => `  ${(i === 0 ? name : '').padEnd(INDENT - 2)}${line}`)
  const portals = session.cookies.map(
    ({ domain, portalUrl }) => `${portalUrl ?? 'wherever the proxy says'} for ${domain}`,
  )
  const isWatched = facts.watch ?? config.watch
  const weaknesses = weaknessesOf(config, server.tls, facts.warnings)
  return [
    `Latchkey ${VERSION}`,
    '',
    ...row('listens', urlOf(config, server)),
    ...row('portal', ...portals),
    ...row('protects', ...protectedBy(accessControl.rules), `everything else: ${accessControl.defaultPolicy}`),
    ...row('users', `${server.users} may sign in, from ${directory.file.path}`),
    ...row(
      'files',
      isWatched
        ? 'are watched: an edit counts within a second, a mistake in one changes nothing'
        : 'are not watched: `latchkey reload` or SIGHUP takes an edit over',
    ),
    '',
    ...(weaknesses.length === 0 ? row('unsafe', 'nothing that is known') : []),
    ...weaknesses.flatMap(({ message, hint }) => row('unsafe', message, ...(hint === undefined ? [] : [`→ ${hint}`]))),
    '',
    '',
  ].join('\n')
}

function urlOf(config: Config, { address, tls }: Pick<RunningServer, 'address' | 'tls'>): string {
  const { kind } = config.server.address
  const scheme = tls ? 'https' : 'http'
  return kind === 'tcp' ? `${scheme}://${address}${config.server.basePath}` : `${address} (${scheme})`
}

/** One line a policy: the hosts that rules write out. */
function protectedBy(rules: readonly RuleConfig[]): string[] {
  const POLICIES = { two_factor: 'two factors', one_factor: 'one factor', deny: 'denied', bypass: 'open to everybody' }
  return Object.entries(POLICIES).flatMap(([policy, words]) => {
    const hosts = new Set(
      rules.filter((rule) => rule.policy === policy).flatMap(({ domain, domainRegex }) => [...domain, ...domainRegex]),
    )
    if (hosts.size === 0) return []
    const more = hosts.size > MAX_LISTED ? ` and ${hosts.size - MAX_LISTED} more` : ''
    return [`${[...hosts].slice(0, MAX_LISTED).join(', ')}${more}: ${words}, by rule`]
  })
}

function weaknessesOf(config: Config, tls: boolean, warnings: readonly Problem[]): Weakness[] {
  const weaknesses: Weakness[] = warnings.filter(isToldInBanner).map(({ message, hint, position }) => ({
    message: position ? `${message} (${position.file}:${position.line})` : message,
    hint,
  }))
  const files = [
    ...config.sourceFiles,
    config.directory.file.path,
    ...(config.server.tls ? [config.server.tls.keyFile] : []),
  ]
  const open = files.filter(isOpenToAll)
  if (open.length > 0) {
    const hint = `chmod o-rwx ${open.join(' ')}`
    weaknesses.push({ message: 'every user of this machine may read what should be secret', hint })
  }
  if (process.getuid?.() === 0) {
    const hint = 'Run it as a user of its own; it needs no privileges.'
    weaknesses.push({ message: 'it runs as root', hint })
  }
  if (config.server.tls) weaknesses.push(...expiry(config.server.tls.certificateFile))
  else if (tls) {
    const hint = 'Trust the certificate in the proxy, or name one of your own in server.tls.'
    weaknesses.push({ message: 'the certificate is self-signed: a proxy that does not check it can be deceived', hint })
  }
  return weaknesses
}

function isOpenToAll(path: string): boolean {
  return ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o007) !== 0
}

function expiry(file: string): Weakness[] {
  try {
    const found = certificateExpiry(readFileSync(file), Date.now())
    const warning = found && expiryWarning(found)
    if (warning === undefined) return []
    return [{ message: `${warning} (${file})`, hint: 'The new one is taken over when the file changes.' }]
  } catch {
    // Replaced at this very moment: the reload will say what is wrong with it.
    return []
  }
}
