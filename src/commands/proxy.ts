// latchkey proxy: prints or writes the set-up of a proxy for the configuration and its applications, or checks a set-up that exists.
import { existsSync } from 'node:fs'
import { Args, Flags } from '@oclif/core'
import { Fault } from '../base/fault.ts'
import { ConfigCommand, configFlags } from '../cli/config/config-command.ts'
import { findingText } from '../cli/rules/finding-text.ts'
import { type WrittenFile, writeSetup } from '../cli/setup/write-setup.ts'
import { count } from '../cli/terminal/table.ts'
import { checkProxy } from '../setup/proxy-check/check.ts'
import type { Finding } from '../setup/proxy-check/finding.ts'
import { PROXY_NAMES, PROXY_TITLES, type ProxyName } from '../setup/proxy-name.ts'
import { certificateFiles, PROXY_RELOAD, proxyGuide, proxySetup } from '../setup/proxy-setup.ts'
import { DEFAULT_CERTIFICATE, type SetupFile } from '../setup/site.ts'
import { type Hosts, hostsOfConfig, siteOfConfig } from '../setup/site-of-config.ts'

export type ProxyAnswer =
  | {
      readonly proxy: ProxyName
      readonly files: readonly SetupFile[]
      readonly written: readonly WrittenFile[]
      readonly remarks: readonly string[]
      readonly guide?: string
    }
  | { readonly proxy: ProxyName; readonly checked: readonly string[]; readonly findings: readonly Finding[] }

export default class ProxySetup extends ConfigCommand {
  static override description =
    'Print the ready set-up of a proxy for your configuration and applications, or write it with --output. With --check, find the well-known mistakes in a set-up that you have already.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> nginx --app app.example.com=http://127.0.0.1:3000',
    '<%= config.bin %> <%= command.id %> caddy --output /etc/caddy --explain',
    '<%= config.bin %> <%= command.id %> haproxy --file haproxy.cfg > haproxy.cfg',
    '<%= config.bin %> <%= command.id %> traefik --check traefik.yml --check dynamic.yml',
  ]
  static override usage = [
    '<%= command.id %> PROXY [--config FILE] [--app HOST=ADDRESS]… [--output FOLDER]',
    '<%= command.id %> PROXY --check FILE… [--config FILE]',
  ]
  static override enableJsonFlag = true
  static override args = {
    proxy: Args.string({ required: true, options: [...PROXY_NAMES], ignoreStdin: true, description: 'Which proxy.' }),
  }
  static override flags = {
    ...configFlags,
    app: Flags.string({
      multiple: true,
      description: 'An application and where it listens; once for each. Hosts that rules name are added by themselves.',
      helpValue: 'HOST=ADDRESS',
    }),
    gate: Flags.string({
      description: 'How the proxy reaches Latchkey. Default: server.address of the configuration.',
      helpValue: 'ADDRESS',
    }),
    domain: Flags.string({
      multiple: true,
      description: 'Only these cookie domains. Default: all.',
      helpValue: 'NAME',
    }),
    certificate: Flags.string({
      description: 'Certificate and chain (PEM).',
      default: DEFAULT_CERTIFICATE.certificateFile,
      helpValue: 'FILE',
    }),
    key: Flags.string({ description: 'Its key (PEM).', default: DEFAULT_CERTIFICATE.keyFile, helpValue: 'FILE' }),
    bundle: Flags.string({
      description: 'Certificate, chain and key in one file, as haproxy and hitch want it.',
      default: DEFAULT_CERTIFICATE.bundleFile,
      helpValue: 'FILE',
    }),
    output: Flags.string({ char: 'o', description: 'Write the files into this folder.', helpValue: 'FOLDER' }),
    force: Flags.boolean({ char: 'f', description: 'Replace files that exist.', dependsOn: ['output'] }),
    file: Flags.string({ description: 'Print this one only, as it is.', exclusive: ['output'], helpValue: 'NAME' }),
    explain: Flags.boolean({ description: 'Also print what the files do and which mistakes others have made.' }),
    check: Flags.string({
      multiple: true,
      description:
        'Check this file, and what it includes, instead of making one; once for each. With --config also whether they name its hosts. Exit code 1 when there is a mistake.',
      helpValue: 'FILE',
      exclusive: ['app', 'gate', 'domain', 'output', 'file', 'explain'],
    }),
    strict: Flags.boolean({ description: 'With --check: advice counts as a mistake.', dependsOn: ['check'] }),
  }

  async run(): Promise<ProxyAnswer> {
    const { args, flags } = await this.parse(ProxySetup)
    const proxy = args.proxy as ProxyName
    if (flags.check) {
      const hosts = flags.config === undefined ? undefined : hostsOfConfig(this.load(flags).config)
      return this.check(proxy, flags.check, flags.strict, hosts)
    }
    const { config } = this.load(flags)
    const made = siteOfConfig(config, {
      applications: flags.app ?? [],
      gate: flags.gate,
      domains: flags.domain ?? [],
      certificate: { certificateFile: flags.certificate, keyFile: flags.key, bundleFile: flags.bundle },
    })
    const { site } = made
    const all = proxySetup(proxy, site)
    const remarks = [...made.remarks, ...missingCertificate(certificateFiles(proxy, site))]
    const files = flags.file === undefined ? all : [fileOf(proxy, all, flags.file)]
    const written = flags.output === undefined ? [] : writeSetup(flags.output, files, flags.force)
    const guide = flags.explain ? proxyGuide(proxy, site) : undefined
    if (flags.output !== undefined) {
      for (const [i, { path, outcome }] of written.entries())
        this.log(`${outcome.padEnd(9)}  ${path}  (belongs at ${files[i]?.goesTo})`)
      this.log(`When they are in their places: ${PROXY_RELOAD[proxy]}`)
    } else if (flags.file !== undefined) process.stdout.write(this.jsonEnabled() ? '' : (files[0]?.text ?? ''))
    else for (const { goesTo, text } of files) this.log(`${bar(proxy, goesTo)}\n${text}`)
    if (guide !== undefined) this.log(guide)
    for (const remark of remarks) this.logToStderr(remark)
    return { proxy, files, written, remarks, ...(guide === undefined ? {} : { guide }) }
  }

  private check(proxy: ProxyName, paths: readonly string[], strict: boolean, hosts?: Hosts): ProxyAnswer {
    const { checked, findings } = checkProxy(proxy, paths, hosts)
    if (findings.length > 0) this.log(findings.map(findingText).join('\n\n'))
    const mistakes = findings.filter(({ severity }) => severity === 'mistake').length
    const advice = findings.length - mistakes
    const found = [
      ...(mistakes > 0 ? [count(mistakes, 'mistake')] : ['no mistake found']),
      ...(advice > 0 ? [count(advice, 'piece of advice', 'pieces of advice')] : []),
    ]
    this.log(`${findings.length > 0 ? '\n' : ''}${PROXY_TITLES[proxy]}, ${checked.join(', ')}: ${found.join(', ')}`)
    if (mistakes > 0 || (strict && advice > 0)) process.exitCode = 1
    return { proxy, checked, findings }
  }
}

/** The files may be meant for another machine, so this is a remark. */
function missingCertificate(files: readonly string[]): readonly string[] {
  const missing = files.filter((file) => !existsSync(file))
  if (missing.length === 0) return []
  const flags = files.length === 1 ? '--bundle' : '--certificate and --key'
  return [
    `There is no ${missing.join(' and no ')} on this machine: put your certificate there, or name it with ${flags}.`,
  ]
}

/** A line that is a comment in the file's own language, so that everything printed could be cut apart and used. */
function bar(proxy: ProxyName, goesTo: string): string {
  const comment = goesTo.endsWith('.lua') ? '--' : '#'
  return `${comment} ${'─'.repeat(8)} ${goesTo} (${PROXY_TITLES[proxy]}) ${'─'.repeat(8)}`
}

function fileOf(proxy: ProxyName, files: readonly SetupFile[], name: string): SetupFile {
  const file = files.find(({ path }) => path === name)
  if (file) return file
  throw new Fault('proxy-file', `The set-up of ${PROXY_TITLES[proxy]} has no file ${name}.`, {
    hint: `It has: ${files.map(({ path }) => path).join(', ')}.`,
    exitCode: 2,
  })
}
