// The well-known mistakes in Apache's set-ups: a Lua access checker, or a FastCGI authorizer.
import { Fault } from '../../base/fault.ts'
import type { Findings, Place } from './finding.ts'
import { checkGateAddress, IDENTITY_HEADERS, MENTIONS_GATE, missingOf, originOf, underscored } from './identity.ts'
import { checkScript, readScript, type Script } from './lua.ts'
import { type Source, Sources } from './source.ts'

interface Line extends Place {
  readonly name: string
  readonly args: readonly string[]
  /** Sections around it, outermost first, as `<Location "/">` is written. */
  readonly around: readonly string[]
}
interface Host extends Place {
  readonly lines: readonly Line[]
}
type Kind = 'lua' | 'fcgi'

export function checkApache(given: readonly Source[], findings: Findings): void {
  const sources = new Sources(given, ['/etc/apache2', '/etc/httpd'])
  const configurations = given.filter(({ path }) => !path.endsWith('.lua'))
  const hosts = configurations.flatMap((source) => hostsOf(source, findings, sources))
  const lines = hosts.flatMap((host) => host.lines)
  const scripts = new Map<string, Script>()
  for (const line of lines.filter(({ name }) => /^luahook(?:access|auth)checker$/.test(name))) {
    const found = sources.find(line.args[0] ?? '', line.file)
    if (!found)
      findings.advice(
        'unread',
        line,
        `The script ${line.args[0]} could not be read.`,
        'Check it together with this file: give it with another --check.',
      )
    for (const source of found ?? []) scripts.set(source.path, readScript(source))
  }
  for (const source of given) if (source.path.endsWith('.lua')) scripts.set(source.path, readScript(source))
  for (const script of scripts.values()) checkScript(script, findings)
  const gates = new Set(
    [...scripts.values()].map(({ gateUrl }) => originOf(gateUrl).authority).filter((authority) => authority !== ''),
  )

  const asking = hosts.flatMap((host) => {
    const kind = kindOf(host)
    return kind ? [{ host, kind }] : []
  })
  if (asking.length === 0 && configurations.length > 0)
    findings.mistake(
      'no-gate',
      hosts[0] ?? { file: configurations[0]?.path ?? '', line: 1 },
      'No virtual host asks Latchkey: there is no LuaHookAccessChecker.',
      'Write it as `latchkey proxy apache` shows.',
    )
  for (const { host, kind } of asking) {
    checkIdentity(host, kind, [...scripts.values()], findings)
    checkForwarded(host, findings)
    checkPaths(host, findings)
    const cookie =
      host.lines.some(({ name, args }) => name === 'requestheader' && /^cookie$/i.test(args[1] ?? '')) ||
      [...scripts.values()].some(({ removesCookie }) => removesCookie)
    if (!cookie && (scripts.size > 0 || kind === 'fcgi'))
      findings.advice(
        'session-cookie-passed-on',
        host,
        'The application gets the session cookie.',
        'Use the script of `latchkey proxy apache`, which takes it out.',
      )
  }
  for (const host of hosts) checkPortal(host, gates, findings)
}

function hostsOf(source: Source, findings: Findings, sources: Sources): readonly Host[] {
  const lines = linesOf(source, findings, sources, 0)
  const inHosts = Map.groupBy(
    lines.filter(({ around }) => around.some(isHost)),
    ({ around, file }) => `${file} ${around.find(isHost)}`,
  )
  if (inHosts.size === 0) return lines.length > 0 ? [{ file: source.path, line: 1, lines }] : []
  return [...inHosts.values()].map((own) => ({
    file: own[0]?.file ?? source.path,
    line: Number(/#(\d+)$/.exec(own[0]?.around.find(isHost) ?? '')?.[1] ?? 1),
    lines: own,
  }))
}
const isHost = (section: string): boolean => /^<virtualhost\b/i.test(section)

function linesOf(source: Source, findings: Findings, sources: Sources, depth: number): readonly Line[] {
  const around: string[] = []
  const found: Line[] = []
  const file = source.path
  const raw = source.text.split('\n')
  for (let i = 0; i < raw.length; i++) {
    const line = i + 1
    let text = raw[i] ?? ''
    while (text.endsWith('\\') && i + 1 < raw.length) text = `${text.slice(0, -1)} ${raw[++i]}`
    text = text.trim()
    if (text === '' || text.startsWith('#')) continue
    if (text.startsWith('</')) {
      if (around.length === 0) throw notApache(file, line, `${text} closes nothing`)
      around.pop()
    } else if (text.startsWith('<')) {
      around.push(`${text} #${line}`)
      const [, name = '', value = ''] = /^<(\w+)\s*([^>]*)>?$/.exec(text) ?? []
      found.push({
        file,
        line,
        name: `<${name.toLowerCase()}`,
        args: [value.replace(/^["']|["']$/g, '')],
        around: [...around],
      })
    } else {
      const [name = '', ...args] = (text.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? []).map((word) =>
        word.replace(/^"([\s\S]*)"$/, '$1'),
      )
      if (!/^\w+$/.test(name) || args.at(-1) === '{')
        throw notApache(file, line, `${JSON.stringify(name)} is no directive`)
      const included = /^include(?:optional)?$/i.test(name) ? sources.find(args[0] ?? '', file) : undefined
      if (/^include/i.test(name) && !included && !/mods-|conf-enabled|\/mods/.test(args[0] ?? ''))
        findings.advice(
          'unread',
          { file, line },
          `The include ${args[0]} could not be read.`,
          'Check it together with this file: give it with another --check.',
        )
      for (const inner of depth < 10 ? (included ?? []) : [])
        found.push(
          ...linesOf(inner, findings, sources, depth + 1).map((each) => ({
            ...each,
            around: [...around, ...each.around],
          })),
        )
      found.push({ file, line, name: name.toLowerCase(), args, around: [...around] })
    }
  }
  if (around.length > 0) throw notApache(file, raw.length, `${around.at(-1)?.replace(/ #\d+$/, '')} is not closed`)
  return found
}

function notApache(file: string, line: number, why: string): Fault {
  return new Fault('proxy-file', `${file}:${line}: this is not Apache’s language: ${why}.`, {
    hint: '`apachectl configtest` says the same, if it is meant for Apache.',
  })
}

function kindOf({ lines }: Host): Kind | undefined {
  if (lines.some(({ name }) => /^luahook(?:access|auth)checker$/.test(name))) return 'lua'
  return lines.some(({ name }) => name.startsWith('authnzfcgi') && name !== 'authnzfcgidefineprovider')
    ? 'fcgi'
    : undefined
}

const unsets = ({ name, args }: Line, header: string): boolean =>
  name === 'requestheader' && /^(?:unset|set)$/i.test(args[0] ?? '') && args[1]?.toLowerCase() === header.toLowerCase()
const isEarly = ({ args }: Line): boolean => args.at(-1)?.toLowerCase() === 'early'

function checkIdentity(host: Host, kind: Kind, scripts: readonly Script[], findings: Findings): void {
  const byScript = scripts.some(({ stripsIdentity }) => stripsIdentity)
  const covered = (header: string): boolean =>
    host.lines.some((line) => unsets(line, header) && (kind === 'fcgi' || isEarly(line)))
  const missing = missingOf(IDENTITY_HEADERS, covered)
  // A script that assigns all four replaces what the client sent; without having seen it nobody knows.
  if (missing !== '' && !(kind === 'lua' && byScript))
    findings.mistake(
      'identity-not-stripped',
      host,
      `${missing} of the client isn't removed.`,
      `Write \`RequestHeader unset Remote-User${kind === 'lua' ? ' early' : ''}\` and the like.`,
    )
  if (missingOf(IDENTITY_HEADERS.map(underscored), (header) => host.lines.some((line) => unsets(line, header))) !== '')
    findings.mistake(
      'underscore-headers',
      host,
      'Remote_User and its like of the client reach the application.',
      'Write `RequestHeader unset Remote_User early` and the like.',
    )
  if (kind === 'fcgi') return
  for (const line of host.lines)
    if (
      IDENTITY_HEADERS.some((header) => unsets(line, header)) &&
      /^unset$/i.test(line.args[0] ?? '') &&
      !isEarly(line)
    )
      findings.mistake(
        'identity-removed',
        line,
        `RequestHeader unset ${line.args[1]} without "early" runs after the question and removes the true one.`,
        `Write \`RequestHeader unset ${line.args[1]} early\`.`,
      )
}

function checkForwarded(host: Host, findings: Findings): void {
  const missing = missingOf(['X-Forwarded-For', 'X-Forwarded-Host'], (header) =>
    host.lines.some((line) => unsets(line, header)),
  )
  if (missing !== '')
    findings.mistake(
      'client-forwarded-headers',
      host,
      `${missing} of the client reaches the application.`,
      'Write `RequestHeader unset X-Forwarded-For early` and `RequestHeader unset X-Forwarded-Host early`.',
    )
  const proto = host.lines.find((line) => unsets(line, 'X-Forwarded-Proto'))
  const encrypted = host.lines.some(({ name, args }) => name === 'sslengine' && /^on$/i.test(args[0] ?? ''))
  if (!proto)
    findings.mistake(
      'client-forwarded-headers',
      host,
      'X-Forwarded-Proto of the client reaches the application.',
      'Write `RequestHeader set X-Forwarded-Proto https early`.',
    )
  else if (encrypted && proto.args[2] === 'http')
    findings.mistake(
      'wrong-scheme',
      proto,
      'X-Forwarded-Proto says http, whatever the visitor used.',
      'Write `RequestHeader set X-Forwarded-Proto https early`.',
    )
  for (const line of host.lines)
    if (
      line.name === 'requestheader' &&
      /^x-forwarded-/i.test(line.args[1] ?? '') &&
      /%\{(?:http:)?x-forwarded|req\(['"]x-forwarded/i.test(line.args.slice(2).join(' '))
    )
      findings.mistake(
        'client-forwarded-headers',
        line,
        `${line.args[1]} is what the client says.`,
        'Take the line away.',
      )
}

function checkPaths(host: Host, findings: Findings): void {
  const value = (name: string): Line | undefined => host.lines.findLast((line) => line.name === name)
  const encoded = value('allowencodedslashes')
  if (encoded?.args[0]?.toLowerCase() === 'on')
    findings.mistake(
      'path-differs',
      encoded,
      'AllowEncodedSlashes On decodes %2F: the application gets another path than was judged.',
      'Write `AllowEncodedSlashes NoDecode`.',
    )
  const merge = value('mergeslashes')
  if (merge?.args[0]?.toLowerCase() !== 'off')
    findings.mistake(
      'path-differs',
      merge ?? host,
      'Slashes are merged after the path was judged.',
      'Write `MergeSlashes Off` in this virtual host; it isn’t inherited.',
    )
  const pass = host.lines.find(({ name }) => name === 'proxypass')
  if (pass && !pass.args.some((word) => /^nocanon$/i.test(word)))
    findings.mistake(
      'path-differs',
      pass,
      'ProxyPass without nocanon rewrites the path after it was judged.',
      'Write `ProxyPass / http://… nocanon`.',
    )
  if (value('proxypreservehost')?.args[0]?.toLowerCase() !== 'on')
    findings.advice(
      'wrong-host',
      value('proxypreservehost') ?? host,
      'The application gets its own address for a host.',
      'Write `ProxyPreserveHost On`.',
    )
  for (const line of host.lines)
    if (line.name === 'satisfy' && /^any$/i.test(line.args[0] ?? ''))
      findings.mistake(
        'fails-open',
        line,
        'Satisfy Any lets a request pass without the question’s yes.',
        'Take it away.',
      )
}

function checkPortal(host: Host, gates: ReadonlySet<string>, findings: Findings): void {
  const pass = host.lines.find(
    ({ name, args }) =>
      name === 'proxypass' && gates.has(originOf(args.find((word) => /^https?:/.test(word)) ?? '').authority),
  )
  if (!pass) return
  const { scheme, host: name } = originOf(pass.args.find((word) => /^https?:/.test(word)) ?? '')
  checkGateAddress(findings, pass, scheme, name)
  const asks = host.lines.find(
    ({ name }) => /^luahook(?:access|auth)checker$/.test(name) || name === 'authnzfcgicheckauthnprovider',
  )
  if (asks)
    findings.mistake(
      'portal-behind-gate',
      asks,
      'The portal’s own virtual host asks the gate.',
      'Give the portal a virtual host of its own, without it.',
    )
  if (!host.lines.some(({ name, args }) => name.startsWith('<location') && MENTIONS_GATE.test(args.join(' '))))
    findings.advice(
      'gate-exposed',
      host,
      'The gate’s endpoints can be reached through the portal’s host.',
      'Write `<LocationMatch "(?i)^/+api/+(authz|verify)">` with `Redirect 404` in it.',
    )
}
